/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/asset.h"

/* The assembler reads the files, by their paths from the root: C has no way to that which gcc 12 and clang 14 take. */
#ifdef __APPLE__
#define SECTION "__TEXT,__const"
#else
#define SECTION ".rodata"
#endif
#define QUOTED(x) #x
#define PREFIX(x) QUOTED(x) /* of names, which the compiler puts before them: "_" on macOS, elsewhere nothing */
#define LABEL(name) ".globl " PREFIX(__USER_LABEL_PREFIX__) #name "\n" PREFIX(__USER_LABEL_PREFIX__) #name ":\n"
#define EMBED(name, path)                                                                                              \
	__asm__(".pushsection " SECTION "\n" LABEL(name##_begin) ".incbin \"" path                                     \
								 "\"\n" LABEL(name##_end) ".byte 0\n.popsection\n");   \
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
