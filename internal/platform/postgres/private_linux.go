package postgres

import "syscall"

// childOf makes the server die with us, even when we are killed, under its own account.
func childOf(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT, Credential: owner}
}
