package source

import (
	"whichrole/internal/instance"
)

// Variables are the names of the environment's variables that this recipe starts from and that SDKs would take credentials from,
// too: whoever takes them from a program has to keep them for us.
func (c *Choice) Variables() []string {
	var names []string
	switch {
	case c.start.kind == fromEnvironment:
		names = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
	case c.Entry.Kind == kindWebIdentity:
		names = []string{webIdentityFile}
	case c.Instance != nil:
		names = instance.Variables()
	}
	return names
}
