// The JavaScript side of channels.
#include "sandglass/channel.h"

#include "runtime/handles.h"

namespace sandglass::detail {

using engine::PreludeFunction;
using runtime::closed_handle;
using runtime::Vm;

Result<Value> make_channel(const Context& context, Result<Value> receive, Result<Value> send,
                           Result<Value> close) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (!receive) return receive;
  if (!send) return send;
  if (!close) return close;
  return vm->share(vm->engine().prelude(PreludeFunction::make_channel))
      .call(*receive, *send, *close);
}

Result<Value> channel_end(const Context& context) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->share(vm->engine().prelude(PreludeFunction::done));
}

}  // namespace sandglass::detail
