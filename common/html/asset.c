/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/asset.h"

/* The assembler reads the files, by their paths from the root: C has no way to that which gcc 12 and clang 14 take. */
#define EMBED(name, path)                                                                                              \
	__asm__(".pushsection .rodata\n"                                                                               \
		".global " #name "_begin\n" #name "_begin:\n"                                                          \
		".incbin \"" path "\"\n"                                                                               \
		".global " #name "_end\n" #name "_end:\n"                                                              \
		".byte 0\n"                                                                                            \
		".popsection\n");                                                                                      \
	extern const char name##_begin[], name##_end[]

EMBED(asset_page_css, "common/html/page.css");
EMBED(asset_page_js, "common/html/page.js");

/* To C they are objects of their own. */
static size_t between(const char *begin, const char *end)
{
	return (size_t)((uintptr_t)end - (uintptr_t)begin);
}

struct view asset_style(void)
{
	return view_from(asset_page_css_begin, between(asset_page_css_begin, asset_page_css_end));
}

struct view asset_script(void)
{
	return view_from(asset_page_js_begin, between(asset_page_js_begin, asset_page_js_end));
}
