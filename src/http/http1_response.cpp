#include "http/http1_response.hpp"

#include <string>

#include <fmt/core.h>
#include <llhttp.h>

#include "base/text.hpp"

namespace pomiar::http {

struct ResponseParser::Engine {
    llhttp_t machine;
    ClientResponse& response;
    std::size_t bytes_max;
    bool is_head;
    std::size_t bytes = 0;
    std::string name = {};
    std::string value = {};
    bool too_large = false;
    bool complete = false;
    bool keep_alive = false;

    static Engine& of(llhttp_t* machine) { return *static_cast<Engine*>(machine->data); }

    int count(std::size_t size) {
        bytes += size;
        too_large = bytes > bytes_max;
        return too_large ? HPE_USER : HPE_OK;
    }
    static int on_name(llhttp_t* machine, const char* at, std::size_t size) {
        of(machine).name.append(at, size);
        return of(machine).count(size);
    }
    static int on_value(llhttp_t* machine, const char* at, std::size_t size) {
        of(machine).value.append(at, size);
        return of(machine).count(size);
    }
    static int on_field_end(llhttp_t* machine) {
        Engine& self = of(machine);
        if (!is_field_value(self.value)) return HPE_USER;
        self.response.headers.add(self.name, trim(self.value));
        self.name.clear();
        self.value.clear();
        return HPE_OK;
    }
    static int on_head_end(llhttp_t* machine) {
        Engine& self = of(machine);
        self.response.status = machine->status_code;
        machine->upgrade = 0;
        return self.is_head ? 1 : 0;  // 1: no body follows
    }
    static int on_body(llhttp_t* machine, const char* at, std::size_t size) {
        of(machine).response.body.append(at, size);
        return of(machine).count(size);
    }
    static int on_end(llhttp_t* machine) {
        Engine& self = of(machine);
        if (self.response.status / 100 == 1) {  // interim: the real one follows
            self.response = {};
            return HPE_OK;
        }
        self.complete = true;
        self.keep_alive = llhttp_should_keep_alive(machine) != 0;
        return HPE_PAUSED;
    }
    static const llhttp_settings_t& settings() {
        static const llhttp_settings_t made = [] {
            llhttp_settings_t s;
            llhttp_settings_init(&s);
            s.on_header_field = on_name;
            s.on_header_value = on_value;
            s.on_header_value_complete = on_field_end;
            s.on_headers_complete = on_head_end;
            s.on_body = on_body;
            s.on_message_complete = on_end;
            return s;
        }();
        return made;
    }
};

ResponseParser::ResponseParser(ClientResponse& into, std::size_t bytes_max, bool is_head)
    : engine_(new Engine{{}, into, bytes_max, is_head}) {
    llhttp_init(&engine_->machine, HTTP_RESPONSE, &Engine::settings());
    engine_->machine.data = engine_.get();
}

ResponseParser::~ResponseParser() = default;

Result<> ResponseParser::feed(std::string_view bytes) {
    const llhttp_errno_t error = llhttp_execute(&engine_->machine, bytes.data(), bytes.size());
    if (error == HPE_OK || engine_->complete) return {};
    if (engine_->too_large)
        return failure(ErrorKind::too_large, fmt::format("the response is larger than {} bytes", engine_->bytes_max));
    return failure(ErrorKind::invalid,
                   fmt::format("not a valid response: {}", llhttp_get_error_reason(&engine_->machine)));
}

Result<> ResponseParser::end_of_input() {
    llhttp_finish(&engine_->machine);
    if (engine_->complete) return {};
    return failure(ErrorKind::io, "the server closed the connection within its response");
}

bool ResponseParser::complete() const {
    return engine_->complete;
}

bool ResponseParser::keep_alive() const {
    return engine_->keep_alive;
}

}  // namespace pomiar::http
