//go:build !linux

package postgres

import "syscall"

// childOf runs the server under its own account, out of the reach of the terminal's Ctrl-C.
func childOf(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: owner}
}
