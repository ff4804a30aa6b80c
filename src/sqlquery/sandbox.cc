#include "sqlquery/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <vector>

namespace energy::sqlquery {
namespace {

constexpr int kNiceness = 10;
constexpr rlim_t kMostDescriptors = 32;
// The sanitizers reserve terabytes of address space, and look through a pipe whether memory can be
// read.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

base::Status Limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  const rlimit limit{.rlim_cur = soft, .rlim_max = hard};
  if (setrlimit(resource, &limit) == 0) return {};
  return base::Internal(std::string("a limit of the SQL helper: ") + std::strerror(errno));
}

// Address space in use, in bytes.
uint64_t AddressSpace() {
  std::ifstream statm("/proc/self/statm");
  uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// What the engine needs while it runs one statement on one thread. Anything else fails as not
// permitted, which the C library and the engine take as any other error.
constexpr std::array kAllowed = {
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_lseek,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_fstat,
    SYS_newfstatat,
    SYS_close,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_sendto,
    SYS_sendmsg,
    SYS_poll,
    SYS_ppoll,
    SYS_futex,
    SYS_sched_yield,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_rt_sigreturn,
    SYS_rt_sigaction,
    SYS_exit,
    SYS_rt_sigprocmask,
    SYS_exit_group,
    SYS_restart_syscall,
    SYS_sigaltstack,
    SYS_getcpu,
    SYS_sched_getaffinity,
    SYS_fcntl,
};

sock_filter Load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
sock_filter SkipUnless(uint32_t value) { return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1); }
sock_filter Verdict(uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }

}  // namespace

void BecomeHelper() {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  setpriority(PRIO_PROCESS, 0, kNiceness);
  (void)Limit(RLIMIT_CORE, 0, 0);
  // A file that grows over its limit is an error of write(2).
  std::signal(SIGXFSZ, SIG_IGN);
}

base::Status LimitResources(const Limits& limits, uint64_t file_bytes) {
  if (!kSanitized) {
    const rlim_t memory = AddressSpace() + limits.memory_bytes;
    ENERGY_RETURN_IF_ERROR(Limit(RLIMIT_AS, memory, memory));
  }
  // The server ends the helper in time; this is for the case that it cannot.
  const auto seconds = static_cast<rlim_t>(limits.time.count() / 1000 + 2);
  ENERGY_RETURN_IF_ERROR(Limit(RLIMIT_CPU, seconds, seconds + 1));
  ENERGY_RETURN_IF_ERROR(Limit(RLIMIT_FSIZE, file_bytes, file_bytes));
  return Limit(RLIMIT_NOFILE, kMostDescriptors, kMostDescriptors);
}

base::Status CloseDoors(bool may_open) {
  std::vector<sock_filter> program{
      Load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      Verdict(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
  };
  const auto allow = [&](long call) {
    program.push_back(SkipUnless(static_cast<uint32_t>(call)));
    program.push_back(Verdict(SECCOMP_RET_ALLOW));
  };
  for (const long call : kAllowed) allow(call);
  if (kSanitized) {
    for (const long call : {SYS_pipe, SYS_pipe2}) allow(call);
  }
  if (may_open) {
    for (const long call : {SYS_openat, SYS_stat, SYS_access, SYS_seccomp}) allow(call);
  }
  program.push_back(Verdict(SECCOMP_RET_ERRNO | EPERM));
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0) return {};
  return base::Internal(std::string("the SQL helper cannot confine itself (seccomp): ") +
                        std::strerror(errno));
}

}  // namespace energy::sqlquery
