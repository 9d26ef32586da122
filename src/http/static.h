/* static.h - the browser side: embedded files, or a folder while developing. */
#ifndef INVIGIL_HTTP_STATIC_H
#define INVIGIL_HTTP_STATIC_H

#include "http/inside.h"

void static_request(Site *s, Request *r);

#endif
