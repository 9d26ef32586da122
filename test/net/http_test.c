/* HTTP/1.1 over real sockets on the loopback. */
#include <errno.h>

#include "test/net/client.h"
#include "test/net/site.h"

TEST("A GET is answered with its length, a date and the handler's header.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    CHECK_TEXT(client_header(&c, "Content-Type"), "text/plain");
    CHECK_EQUAL(client_header(&c, "Date").len, 29);
    CHECK(!client_header(&c, "Connection").ptr);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK(s->turns > 0);
    site_close(s);
}

TEST_MAIN()
