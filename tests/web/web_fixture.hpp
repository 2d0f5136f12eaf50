// The handlers over a real store in a temporary directory, asked through a router without sockets.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "http/loop.hpp"
#include "http/router.hpp"
#include "storage/store.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "web/access/access.hpp"
#include "web/web.hpp"

namespace pomiar::web::test {

class WebFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        storage::StoreOptions options;
        options.path = directory.path() + "/data";
        auto opened = storage::Store::open(options, real_file_system(), clock, &feed);
        ASSERT_TRUE(opened) << opened.error().message;
        store = std::move(*opened);
        access = std::make_unique<access::Access>(real_file_system(), clock, loop, options.path);
        web = std::make_unique<Web>(Context{store_of_web(), loop, clock}, loop, *access, feed, web_options());
        web->add_all(router);
        thread = std::thread([this] { loop.run(); });
    }
    void TearDown() override {
        loop.stop();
        thread.join();
        store.reset();
    }
    virtual storage::Store& store_of_web() { return *store; }
    virtual WebOptions web_options() { return {.version = "0.1.0"}; }

    http::Response ask(http::Request request) {
        return on_loop<http::Response>([this, request = std::move(request)]() mutable -> Task<http::Response> {
            point_into_target(request);
            std::string allow;
            const auto* route = router.match(request, allow);
            if (route == nullptr) co_return http::Response::problem(404, "no route");
            http::Response response = co_await route->handler(request);
            for (const auto& finish : router.finishes()) finish(request, response);
            co_return response;
        });
    }
    http::Response get(std::string target, std::string_view accept = "") {
        http::Request request = make(http::Method::get, std::move(target));
        if (!accept.empty()) request.headers.add("Accept", accept);
        return ask(std::move(request));
    }
    http::Response post(std::string target, std::string body, std::string_view type = "") {
        http::Request request = make(http::Method::post, std::move(target));
        request.body = std::move(body);
        if (!type.empty()) request.headers.add("Content-Type", type);
        return ask(std::move(request));
    }
    static http::Request make(http::Method method, std::string target) {
        http::Request request;
        request.method = method;
        request.target = std::move(target);
        point_into_target(request);
        return request;
    }
    // A moved short string lies elsewhere.
    static void point_into_target(http::Request& request) {
        const std::string_view whole = request.target;
        const auto mark = whole.find('?');
        request.path = whole.substr(0, mark);
        request.query_text = mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
    }

    void put(std::string_view sensor, std::string_view field, Nanoseconds time, const storage::Value& value) {
        storage::Batch batch;
        batch.add(batch.add_series(sensor, field), time, value, 1);
        std::atomic<bool> done = false;
        store->append(std::move(batch), [&](const storage::AppendOutcome& outcome) {
            EXPECT_EQ(outcome.stored, 1);
            done = true;
            done.notify_one();
        });
        done.wait(false);
    }

    static std::string body_of(const http::Response& response) { return std::string(http::body_of(response)); }

    // Runs a coroutine on the loop's thread and waits for what it gives.
    template <class T, class Start>
    T on_loop(Start start) {
        std::promise<T> promise;
        loop.post([&] { spawn(deliver(start(), promise)); });
        return promise.get_future().get();
    }
    template <class T>
    static Task<> deliver(Task<T> task, std::promise<T>& promise) {
        promise.set_value(co_await task);
    }

    pomiar::test::FakeClock clock = {};
    pomiar::test::TemporaryDirectory directory = {};
    http::Loop loop = {};
    LiveFeed feed = {};
    std::unique_ptr<storage::Store> store = {};
    std::unique_ptr<access::Access> access = {};
    std::unique_ptr<Web> web = {};
    http::Router router = {};
    std::thread thread = {};
};

}  // namespace pomiar::web::test
