/* WebSocket over real sockets on the loopback. */
#include <errno.h>

#include "test/net/client.h"
#include "test/net/site.h"

TEST("An upgraded connection echoes a binary message.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    CHECK(client_upgrade(&c));
    CHECK_TEXT(client_header(&c, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(client_send_frame(&c, FRAME_FIN | 2, "abc", 3));
    CHECK(client_read_frame(&c));
    CHECK_EQUAL(c.opcode, 2);
    CHECK_TEXT(client_body(&c), "abc");
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, 1);
    site_close(s);
}

TEST_MAIN()
