// The compiled part of Boost.JSON, as its documentation has it for programs that link no library of it.
#include <boost/json/src.hpp>
