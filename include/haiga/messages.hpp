#pragma once

#include "haiga/messages/base64.hpp"
#include "haiga/messages/cache_control.hpp"
#include "haiga/messages/codec.hpp"
#include "haiga/messages/content.hpp"
#include "haiga/messages/message.hpp"
#include "haiga/messages/picture_size.hpp"
#include "haiga/messages/request.hpp"
#include "haiga/messages/response.hpp"
#include "haiga/messages/source.hpp"
#include "haiga/messages/tool.hpp"
#include "haiga/messages/usage.hpp"
