#pragma once

#include "app/parts.h"

namespace energy::app {

/// Builds all parts that the settings' roles need. Errors: with the remedy.
base::Status Wire(Parts& parts);

}  // namespace energy::app
