#pragma once

#include "haiga/io/aside.hpp"
#include "haiga/io/available_memory.hpp"
#include "haiga/io/create_folders.hpp"
#include "haiga/io/descriptor.hpp"
#include "haiga/io/file_sink.hpp"
#include "haiga/io/file_system.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/io/os_error.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/io/sink.hpp"
