/* What a power loss leaves, and a kill at an exact moment: preloaded into the program under test.
 *
 * FAULTS_FOLDER   the folder that is watched; every change to a file in it is a step
 * FAULTS_KILL_AT  the program is killed (SIGKILL) in the place of this step, counted from 1
 * FAULTS_TORN     if set, and the step is a write, the first half of it is written before
 * FAULTS_STEPS    a file that the number of steps is written to when the program ends by itself
 * FAULTS_DURABLE  a folder that keeps what is certain to be on disk, and nothing else:
 *                   <file>  the bytes of a file as of its last fsync or fdatasync, under a name that
 *                           no other file ever has: inode and time of birth
 *                   names   as of the last fsync of the folder: which name was which file
 *
 * Writes and renames go through untouched; what was never synced is simply not in FAULTS_DURABLE.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder, *durable;
static long kill_at;
static int torn;
static atomic_long steps;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULTS_FOLDER");
    durable = getenv("FAULTS_DURABLE");
    const char *at = getenv("FAULTS_KILL_AT");
    kill_at = at ? atol(at) : 0;
    torn = getenv("FAULTS_TORN") != NULL;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULTS_STEPS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", atomic_load(&steps));
        fclose(file);
    }
}

/* Whether a path is the folder (1) or lies in it (2). */
static int where(const char *path) {
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length))
        return 0;
    return path[length] == '\0' ? 1 : path[length] == '/' ? 2 : 0;
}

static int where_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return where(path);
}

/* Counts a step; says whether the program dies in its place. */
static int is_last(void) {
    return atomic_fetch_add(&steps, 1) + 1 == kill_at;
}

static void die(void) {
    for (;;)
        kill(getpid(), SIGKILL);
}

static void step(int inside) {
    if (inside && is_last())
        die();
}

/* The name that a file has in FAULTS_DURABLE. */
static int stable_name(int dir, const char *name, int flags, char *to, size_t size) {
    struct statx s;
    if (statx(dir, name, flags | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &s))
        return -1;
    snprintf(to, size, "%llu-%lld.%09u", (unsigned long long)s.stx_ino,
             (long long)s.stx_btime.tv_sec, s.stx_btime.tv_nsec);
    return 0;
}

/* Puts what `fill` writes in FAULTS_DURABLE, all of it or nothing. */
static void keep(const char *name, int from, void (*fill)(int from, int to)) {
    char path[4096], new_path[4200];
    snprintf(path, sizeof path, "%s/%s", durable, name);
    snprintf(new_path, sizeof new_path, "%s/new-%ld", durable, (long)syscall(SYS_gettid));
    int to = open(new_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (to < 0)
        abort();
    fill(from, to);
    close(to);
    if (REAL(rename)(new_path, path))
        abort();
}

static void put(int to, const char *bytes, ssize_t length) {
    while (length > 0) {
        ssize_t written = REAL(write)(to, bytes, length);
        if (written <= 0)
            abort();
        bytes += written;
        length -= written;
    }
}

static void fill_bytes(int from, int to) {
    char path[64], bytes[65536];
    snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    int again = open(path, O_RDONLY);
    if (again < 0)
        abort();
    ssize_t length;
    while ((length = read(again, bytes, sizeof bytes)) > 0)
        put(to, bytes, length);
    close(again);
}

static void fill_names(int from, int to) {
    (void)from;
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        char name[64], line[512];
        if (entry->d_name[0] == '.' && strspn(entry->d_name, ".") == strlen(entry->d_name))
            continue;
        if (stable_name(dirfd(entries), entry->d_name, 0, name, sizeof name))
            continue;
        put(to, line, snprintf(line, sizeof line, "%s\t%s\n", name, entry->d_name));
    }
    if (entries)
        closedir(entries);
}

static int synced(int fd, int result) {
    int place = durable && result == 0 ? where_fd(fd) : 0;
    char name[64];
    if (place == 1)
        keep("names", fd, fill_names);
    else if (place == 2 && !stable_name(fd, "", AT_EMPTY_PATH, name, sizeof name))
        keep(name, fd, fill_bytes);
    return result;
}

int fsync(int fd) {
    step(where_fd(fd));
    return synced(fd, REAL(fsync)(fd));
}

int fdatasync(int fd) {
    step(where_fd(fd));
    return synced(fd, REAL(fdatasync)(fd));
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (where_fd(fd) && is_last()) {
        if (torn)
            REAL(write)(fd, bytes, length / 2);
        die();
    }
    return REAL(write)(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    if (where_fd(fd) && is_last()) {
        if (torn)
            REAL(pwrite)(fd, bytes, length / 2, at);
        die();
    }
    return REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    return pwrite(fd, bytes, length, at);
}

int ftruncate(int fd, off_t length) {
    step(where_fd(fd));
    return REAL(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    return ftruncate(fd, length);
}

int rename(const char *from, const char *to) {
    step(where(from));
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    step(where(path));
    return REAL(unlink)(path);
}

int remove(const char *path) {
    step(where(path));
    return REAL(remove)(path);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    step(where(from));
    return REAL(linkat)(from_dir, from, to_dir, to, flags);
}
