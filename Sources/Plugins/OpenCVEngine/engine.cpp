// The table of the engine: names and functions, and the one gate that no exception passes.
#include "opencv_engine.h"

#include <cstdio>
#include <cstring>
#include <exception>

#include <opencv2/core/version.hpp>
#include <opencv2/core/utility.hpp>

#include "operations.hpp"

namespace {

const Operation *find(const char *name) {
  for (const OperationList &list : operationLists())
    for (const Operation *operation = list.first; operation != list.last; ++operation)
      if (std::strcmp(operation->name, name) == 0) return operation;
  return nullptr;
}

int32_t has(const char *name) { return find(name) != nullptr; }

int32_t fail(char *error, size_t size, const char *text) {
  std::snprintf(error, size, "%s", text);
  // OpenCV's messages have several lines; ours have one.
  for (char *c = error; *c; ++c)
    if (*c == '\n') *c = ' ';
  return 1;
}

int32_t run(const char *name, plugin_call *request, char *error, size_t error_size) {
  try {
    const Operation *operation = find(name);
    if (!operation) return fail(error, error_size, "no such operator");
    Call call(*request);
    operation->run(call);
    call.finish();
    return 0;
  } catch (const std::exception &exception) {
    return fail(error, error_size, exception.what());
  } catch (...) {
    return fail(error, error_size, "an exception of unknown type");
  }
}

void setThreads(int32_t count) {
  try {
    cv::setNumThreads(count);
  } catch (...) {
    // A hint only: OpenCV then goes on with the threads it has.
  }
}

const plugin_engine engine = {PLUGIN_ABI_VERSION, "OpenCV", CV_VERSION, has, run, setThreads};

} // namespace

extern "C" const plugin_engine *inspect_plugin_engine(void) { return &engine; }
