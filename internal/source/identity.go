package source

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// The kinds of a start in its identity.
const (
	fromStatic      = "static"
	fromEnvironment = "environment"
	fromToken       = "token"
	fromSSO         = "sso"
	fromProcess     = "process"
	fromInstance    = "instance"
)

// identity is what SPEC "Cache and concurrency", Key, asks of a start of each kind. What is "" is not in it.
type identity struct {
	kind          string
	accessKeyID   string
	mfaSerial     string
	whose         string // in the words of oidc, sso or instance, which are JSON
	account       string
	permissionSet string
	command       string // a digest: the line may hold a password
}

// json is the identity as JSON, with the roles that follow. It is written without the reflection of encoding/json, since
// it is a part of each cached answer; the values are of printable ASCII, which Go quotes as JSON does.
func (i identity) json(hops ...Hop) string {
	var o object
	o.text("kind", i.kind)
	o.text("access_key_id", i.accessKeyID)
	o.text("mfa_serial", i.mfaSerial)
	o.raw("whose", i.whose)
	o.text("account", i.account)
	o.text("permission_set", i.permissionSet)
	o.text("command", i.command)
	roles := make([]string, 0, len(hops))
	for _, h := range hops {
		var role object
		role.text("role_arn", h.RoleARN)
		role.text("session_name", h.SessionName)
		role.text("external_id", h.ExternalID)
		role.raw("seconds", strconv.Itoa(int(h.Duration/time.Second)))
		roles = append(roles, role.String())
	}
	if len(roles) > 0 {
		o.raw("roles", "["+strings.Join(roles, ",")+"]")
	}
	return o.String()
}

// object is a JSON object in the making.
type object struct{ fields []string }

func (o *object) text(name, value string) {
	if value != "" {
		o.raw(name, strconv.QuoteToASCII(value))
	}
}

func (o *object) raw(name, value string) {
	if value != "" {
		o.fields = append(o.fields, `"`+name+`":`+value)
	}
}

func (o *object) String() string { return "{" + strings.Join(o.fields, ",") + "}" }

// seal writes the identities of a recipe that is complete.
func (c *Choice) seal() {
	if c.MFA != nil {
		c.start.mfaSerial = c.MFA.Serial
	}
	if c.SSO != nil {
		c.start.whose = c.SSO.Session.Identity()
		c.start.account, c.start.permissionSet = c.SSO.Account, c.SSO.PermissionSet
	}
	c.StartIdentity, c.Login = c.start.json(), ""
	switch {
	case c.MFA != nil:
		c.Login = c.StartIdentity
	case c.SSO != nil:
		c.Login = identity{kind: fromSSO, whose: c.start.whose}.json()
	}
	c.Identity = c.start.json(c.Hops...)
}

func digest(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:])
}
