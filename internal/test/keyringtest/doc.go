// Package keyringtest starts a private D-Bus and an unlocked gnome-keyring for one test, and holds what every store of
// keystore must do.
package keyringtest
