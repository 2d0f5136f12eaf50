// Whether this is a build under the address sanitizer, for what it cannot stand: it needs descriptors to look at
// memory, and never gives memory back at once.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define POMIAR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POMIAR_SANITIZED 1
#endif
#endif
#ifndef POMIAR_SANITIZED
#define POMIAR_SANITIZED 0
#endif
