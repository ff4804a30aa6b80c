#include "app/commands.h"

int main(int argc, char** argv) { return energy::app::RunCommandLine(argc, argv); }
