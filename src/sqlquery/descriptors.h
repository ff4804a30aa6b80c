#pragma once

#include <array>
#include <optional>

namespace energy::sqlquery {

/// What a helper gets: its end of the channel, the file for its result, the window.
using HelperDescriptors = std::array<int, 3>;

/// Hands descriptors on over a stream socket; they stay open here. False when the other end is
/// gone. Waits while the socket is full.
bool SendDescriptors(int socket, const HelperDescriptors& descriptors);

/// Waits for descriptors, which the caller then owns. Nothing when the other end is gone.
std::optional<HelperDescriptors> ReceiveDescriptors(int socket);

}  // namespace energy::sqlquery
