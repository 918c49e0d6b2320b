/* SPDX-License-Identifier: Apache-2.0 */
/* What every page carries within itself: page.css and page.js of this folder, put into the program when it is built. */
#ifndef COMMON_HTML_ASSET_H
#define COMMON_HTML_ASSET_H

#include "common/base/buf.h"

struct view asset_style(void);
struct view asset_script(void);

#endif
