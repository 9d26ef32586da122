/* test.h - a test is a sentence and a block. Each test program ends with "N passed, N failed".
 *   TEST("A pause stops the clock.") { CHECK(left_ms == 5); CHECK_EQUAL(a, b); }
 *   TEST_MAIN()
 * A failed check says where and ends its test; the program goes on and exits 1 at the end. */
#ifndef INVIGIL_TEST_H
#define INVIGIL_TEST_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct TestCase {
    const char *sentence;
    void (*body)(void);
    struct TestCase *next;
} TestCase;

static TestCase *test_first, **test_last = &test_first;
static jmp_buf test_out;

static inline void test_add(TestCase *t)
{
    *test_last = t;
    test_last = &t->next;
}

#define TEST_NAME2(a, b) a##b
#define TEST_NAME(a, b) TEST_NAME2(a, b)
#define TEST(text)                                                                                 \
    static void TEST_NAME(test_body_, __LINE__)(void);                                             \
    static TestCase TEST_NAME(test_case_, __LINE__) = {text, TEST_NAME(test_body_, __LINE__), 0};  \
    __attribute__((constructor)) static void TEST_NAME(test_add_, __LINE__)(void)                  \
    {                                                                                              \
        test_add(&TEST_NAME(test_case_, __LINE__));                                                \
    }                                                                                              \
    static void TEST_NAME(test_body_, __LINE__)(void)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            printf("  %s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);                      \
            longjmp(test_out, 1);                                                                  \
        }                                                                                          \
    } while (0)

#define CHECK_EQUAL(have, want)                                                                    \
    do {                                                                                           \
        int64_t have_ = (int64_t)(have), want_ = (int64_t)(want);                                  \
        if (have_ != want_) {                                                                      \
            printf("  %s:%d: %s is %" PRId64 ", wanted %" PRId64 "\n", __FILE__, __LINE__, #have,  \
                   have_, want_);                                                                  \
            longjmp(test_out, 1);                                                                  \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(have, want)                                                                     \
    do {                                                                                           \
        Span have_ = (have), want_ = span_of(want);                                                \
        if (!span_equal(have_, want_)) {                                                           \
            printf("  %s:%d: %s is \"%.*s\", wanted \"%.*s\"\n", __FILE__, __LINE__, #have,        \
                   SPAN_ARG(have_), SPAN_ARG(want_));                                              \
            longjmp(test_out, 1);                                                                  \
        }                                                                                          \
    } while (0)

/* A test that cannot run here says why and does not count as passed. */
static __attribute__((unused)) int test_skipped_now;
#define SKIP(why)                                                                                  \
    do {                                                                                           \
        printf("  skipped: %s\n", why);                                                            \
        test_skipped_now = 1;                                                                      \
        longjmp(test_out, 2);                                                                      \
    } while (0)

static inline int test_run_all(void)
{
    static int passed, failed, skipped;
    for (TestCase *volatile t = test_first; t; t = t->next) {
        int how = setjmp(test_out);
        if (how == 0) {
            t->body();
            passed++;
            printf("ok   %s\n", t->sentence);
        } else if (how == 1) {
            failed++;
            printf("FAIL %s\n", t->sentence);
        } else {
            skipped++;
            printf("skip %s\n", t->sentence);
        }
        fflush(stdout);
    }
    if (skipped) printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    else printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}

#define TEST_MAIN()                                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        return test_run_all();                                                                     \
    }

#endif
