package broker

import "whichrole/internal/userfile"

// AuditOff tells whether the user's file switches the audit trail off, and which file that is.
func (b *Broker) AuditOff() (file string, off bool, err error) {
	user, err := userfile.Read(b.Dirs.Config, b.Dirs.Home)
	return user.Path, user.AuditOff, err
}
