/* A thread that the JVM does not know: it calls, and rests between its calls where Java can look at it. */
#define CALLER_FILE 2
#include "caller.h"

#include <pthread.h>

struct stranger {
    const struct coffer *c;
    uint8_t *seat;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    int asked, done, answer; /* calls asked for; calls done; the last one's */
};

static struct stranger one = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

static void *be_strange(void *unused) {
    (void)unused;
    for (int rest = 0; rest < 1000000; rest++) {
        pthread_mutex_lock(&one.lock);
        while (one.asked == one.done) {
            pthread_cond_wait(&one.turn, &one.lock);
        }
        int calls = one.asked - one.done;
        pthread_mutex_unlock(&one.lock);
        int answer = 0;
        for (int i = 0; i < calls && answer == 0; i++) {
            answer = one.c->hash(COFFER_SHA_256, one.seat, 100, one.seat + 128, 32) + one.c->evm_size(1, (uint64_t *)(void *)one.seat) - COFFER_HANDLE;
        }
        pthread_mutex_lock(&one.lock);
        one.done = one.asked;
        one.answer = answer;
        int last = one.asked < 0;
        pthread_cond_broadcast(&one.turn);
        pthread_mutex_unlock(&one.lock);
        if (last) {
            break;
        }
    }
    return NULL;
}

int stranger_begin(const struct coffer *c, uint8_t *seat) {
    one.c = c;
    one.seat = seat;
    one.asked = one.done = 0;
    return pthread_create(&one.thread, NULL, be_strange, NULL);
}

static int stranger_calls(int more) {
    pthread_mutex_lock(&one.lock);
    one.asked += more;
    pthread_cond_broadcast(&one.turn);
    while (one.asked != one.done) {
        pthread_cond_wait(&one.turn, &one.lock);
    }
    int answer = one.answer;
    pthread_mutex_unlock(&one.lock);
    return answer;
}

int stranger_call(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    return stranger_calls(1);
}

int stranger_call_1000(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    return stranger_calls(1000);
}

int stranger_end(const struct coffer *c, uint8_t *seat) {
    (void)c;
    (void)seat;
    stranger_calls(-1000000000);
    return pthread_join(one.thread, NULL);
}
