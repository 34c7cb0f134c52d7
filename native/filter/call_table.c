#include "filter/call_table.h"

#include <sys/syscall.h>

#include "plan/plan.h"

/* By number, so that older headers do; the same on every architecture. */
enum {
	NR_pidfd_send_signal = 424, NR_io_uring_setup, NR_io_uring_enter, NR_io_uring_register, NR_open_tree, NR_move_mount, NR_fsopen, NR_fsconfig, NR_fsmount,
	NR_fspick, NR_pidfd_open, NR_clone3, NR_close_range, NR_openat2, NR_pidfd_getfd, NR_faccessat2, NR_process_madvise, NR_epoll_pwait2, NR_mount_setattr,
	NR_quotactl_fd, NR_landlock_create_ruleset, NR_landlock_add_rule, NR_landlock_restrict_self, NR_memfd_secret, NR_process_mrelease, NR_futex_waitv,
	NR_set_mempolicy_home_node, NR_cachestat, NR_fchmodat2, NR_map_shadow_stack, NR_futex_wake, NR_futex_wait, NR_futex_requeue, NR_statmount, NR_listmount,
	NR_lsm_get_self_attr, NR_lsm_set_self_attr, NR_lsm_list_modules, NR_mseal, NR_setxattrat, NR_getxattrat, NR_listxattrat, NR_removexattrat,
	NR_open_tree_attr, NR_file_getattr, NR_file_setattr,
};
_Static_assert(NR_file_setattr == NEWEST_KNOWN, "the list above has a gap");

#define CALLS (const short[])

const struct call_group call_groups[] = {
	{"descriptors the caller already has", CALL_ALLOWED, 0, CALLS{
		SYS_read, SYS_write, SYS_close, SYS_lseek, SYS_pread64, SYS_pwrite64, SYS_readv, SYS_writev, SYS_preadv, SYS_pwritev, SYS_preadv2, SYS_pwritev2,
		SYS_dup, SYS_dup3, SYS_fcntl, SYS_flock, SYS_fsync, SYS_fdatasync, SYS_sync, SYS_syncfs, SYS_sync_file_range, SYS_ftruncate, SYS_fallocate,
		SYS_fadvise64, SYS_readahead, SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice, SYS_copy_file_range, SYS_pipe2, SYS_ioctl, SYS_getdents64,
		SYS_io_setup, SYS_io_destroy, SYS_io_submit, SYS_io_cancel, SYS_io_getevents, SYS_io_pgetevents, NR_close_range, NR_cachestat,
#ifdef SYS_dup2
		SYS_dup2, SYS_pipe, SYS_getdents,
#endif
		-1}},
	{"waiting for descriptors and time", CALL_ALLOWED, 0, CALLS{
		SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, NR_epoll_pwait2, SYS_eventfd2, SYS_signalfd4, SYS_timerfd_create,
		SYS_timerfd_settime, SYS_timerfd_gettime, SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times,
		SYS_getitimer, SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete, SYS_adjtimex,
		SYS_clock_adjtime,
#ifdef SYS_poll
		SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_signalfd, SYS_pause, SYS_alarm, SYS_time,
#endif
		-1}},
	{"memory of the caller", CALL_ALLOWED, 0, CALLS{
		SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk, SYS_mremap, SYS_msync, SYS_mincore, SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_mlockall,
		SYS_munlockall, SYS_remap_file_pages, SYS_mbind, SYS_set_mempolicy, SYS_get_mempolicy, SYS_pkey_mprotect, SYS_pkey_alloc, SYS_pkey_free,
		SYS_memfd_create, NR_memfd_secret, NR_set_mempolicy_home_node, NR_map_shadow_stack, NR_mseal, SYS_membarrier,
#ifdef SYS_arch_prctl
		SYS_arch_prctl, SYS_modify_ldt, SYS_set_thread_area, SYS_get_thread_area,
#endif
		-1}},
	{"paths: the floor decides, or the supervisor (calls.c); names and metadata can be seen everywhere", CALL_ALLOWED, 0, CALLS{
		SYS_openat, SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_truncate, SYS_fchmod, SYS_fchmodat,
		NR_fchmodat2, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
		SYS_fremovexattr, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr, NR_getxattrat, NR_listxattrat,
		NR_file_getattr, SYS_faccessat, NR_faccessat2, SYS_readlinkat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_chdir, SYS_fchdir,
		SYS_getcwd, SYS_umask, SYS_name_to_handle_at, SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch, NR_statmount, NR_listmount,
#ifdef SYS_open
		SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_unlink, SYS_symlink, SYS_readlink, SYS_chmod,
		SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_mknod, SYS_inotify_init,
#endif
#ifdef SYS_renameat
		SYS_renameat,
#endif
		-1}},
	{"processes, threads, and the caller's own signals", CALL_ALLOWED, 0, CALLS{
		SYS_clone, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_set_tid_address, SYS_futex, NR_futex_waitv, NR_futex_wake,
		NR_futex_wait, NR_futex_requeue, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_sched_yield, SYS_restart_syscall, SYS_rt_sigaction,
		SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_sigaltstack, SYS_prctl, SYS_personality,
		SYS_seccomp, NR_landlock_create_ruleset, NR_landlock_add_rule, NR_landlock_restrict_self, NR_lsm_get_self_attr, NR_lsm_set_self_attr,
		NR_lsm_list_modules, SYS_getrandom,
#ifdef SYS_fork
		SYS_fork, SYS_vfork,
#endif
		-1}},
	{"who and what the caller is", CALL_ALLOWED, 0, CALLS{
		SYS_getpid, SYS_getppid, SYS_gettid, SYS_getpgid, SYS_setpgid, SYS_getsid, SYS_setsid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_setuid,
		SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_getresuid, SYS_setresgid, SYS_getresgid, SYS_setfsuid, SYS_setfsgid, SYS_getgroups,
		SYS_setgroups, SYS_capget, SYS_capset, SYS_uname, SYS_sysinfo, SYS_getcpu, SYS_getrusage, SYS_getrlimit, SYS_setrlimit, SYS_prlimit64,
		SYS_getpriority, SYS_setpriority, SYS_ioprio_get, SYS_ioprio_set, SYS_sched_setparam, SYS_sched_getparam, SYS_sched_setscheduler,
		SYS_sched_getscheduler, SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_rr_get_interval, SYS_sched_setaffinity,
		SYS_sched_getaffinity, SYS_sched_setattr, SYS_sched_getattr,
#ifdef SYS_getpgrp
		SYS_getpgrp,
#endif
		-1}},
	{"other processes: Landlock's signal scope and its check on ptrace decide", CALL_ALLOWED, 0, CALLS{
		SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, NR_pidfd_send_signal, NR_pidfd_open, NR_pidfd_getfd, SYS_ptrace,
		SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_move_pages, SYS_migrate_pages, NR_process_madvise, NR_process_mrelease, -1}},
	{"namespaces of the caller's own: without mounts they show no other files", CALL_ALLOWED, 0, CALLS{
		SYS_unshare, SYS_setns, SYS_sethostname, SYS_setdomainname, -1}},
	{"sockets: families are looked at in filter.c", CALL_ALLOWED, 0, CALLS{
		SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,
		SYS_sendmmsg, SYS_recvmmsg, SYS_shutdown, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, -1}},

	{"opens and connects that no filter sees", CALL_ENOSYS, 0, CALLS{NR_io_uring_setup, NR_io_uring_enter, NR_io_uring_register, -1}},
	{"its flags lie in memory, where CLONE_PARENT cannot be seen; the C libraries use clone then", CALL_ENOSYS, 0, CALLS{NR_clone3, -1}},
	/* The access mode lies in memory, where it can change after a look; open_rules (filter_arguments.c) says why it matters. With a supervisor it is trapped (open_how.c). */
	{"opens whose flags no filter sees; programs use openat then, as before Linux 5.6", CALL_ENOSYS, 0, CALLS{NR_openat2, -1}},
	{"metadata by the newest calls; programs fall back to the older ones", CALL_ENOSYS, 0, CALLS{
		NR_setxattrat, NR_removexattrat, NR_file_setattr, NR_open_tree_attr, -1}},
	/* A detached mount gives a denied directory an innocent path: Landlock refuses it there, a supervisor opening through it would not. And the supervisor
	 * resolves paths from its own root, so the caller's must be the same one. */
	{"mounts and roots", CALL_EPERM, 0, CALLS{
		NR_open_tree, NR_move_mount, NR_fsopen, NR_fsconfig, NR_fsmount, NR_fspick, NR_mount_setattr, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, -1}},
	{"opens by handle ignore every path", CALL_EPERM, 0, CALLS{SYS_open_by_handle_at, -1}},
	{"segments and semaphores of the user's other programs", CALL_EPERM, PLAN_ALLOW_SYSV_IPC, CALLS{
		SYS_shmget, SYS_shmat, SYS_shmctl, SYS_shmdt, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, -1}},
	{"message queues have names that no path rule sees", CALL_EPERM, PLAN_ALLOW_MQ, CALLS{
		SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive, SYS_mq_notify, SYS_mq_getsetattr, -1}},
	{"keyrings hold credentials of the user's other programs", CALL_EPERM, PLAN_ALLOW_KEYRING, CALLS{SYS_add_key, SYS_request_key, SYS_keyctl, -1}},
	{"whoever reads a page registered there waits for its owner: the supervisor would, for ever", CALL_EPERM, 0, CALLS{SYS_userfaultfd, -1}},
	{"reports the names in directories that the caller cannot list", CALL_EPERM, 0, CALLS{SYS_fanotify_init, SYS_fanotify_mark, -1}},
	{"measures other processes; a wide piece of the kernel", CALL_EPERM, 0, CALLS{SYS_perf_event_open, -1}},
	{"the kernel's log names other processes and addresses", CALL_EPERM, 0, CALLS{SYS_syslog, -1}},
	{"the whole machine; refused for root by its capabilities too", CALL_EPERM, 0, CALLS{
		SYS_bpf, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_acct,
		SYS_quotactl, NR_quotactl_fd, SYS_settimeofday, SYS_clock_settime, SYS_vhangup,
#ifdef SYS_iopl
		SYS_iopl, SYS_ioperm,
#endif
		-1}},
	{"no longer in the kernel, or never in use", CALL_ENOSYS, 0, CALLS{
		SYS_lookup_dcookie, SYS_nfsservctl,
#ifdef SYS_uselib
		SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl, SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall,
		SYS_tuxcall, SYS_security, SYS_epoll_ctl_old, SYS_epoll_wait_old, SYS_vserver,
#endif
		-1}},
};

const size_t call_group_count = sizeof call_groups / sizeof call_groups[0];

enum call_answer call_table_answer(int nr, uint32_t options)
{
	for (size_t g = 0; g < call_group_count; g++)
		for (const short *call = call_groups[g].calls; *call >= 0; call++)
			if (*call == nr)
				return (call_groups[g].lifted_by & options) != 0 ? CALL_ALLOWED : call_groups[g].answer;
	return CALL_UNKNOWN;
}

void call_table_fill(uint32_t options, const unsigned meaning[], unsigned by_number[NEWEST_KNOWN + 1])
{
	for (int nr = 0; nr <= NEWEST_KNOWN; nr++)
		by_number[nr] = meaning[CALL_UNKNOWN];
	/* Backwards: of two rows the first counts, as above. */
	for (size_t g = call_group_count; g-- > 0;)
		for (const short *call = call_groups[g].calls; *call >= 0; call++)
			if (*call <= NEWEST_KNOWN)
				by_number[*call] = meaning[(call_groups[g].lifted_by & options) != 0 ? CALL_ALLOWED : call_groups[g].answer];
}
