package launch

import (
	"slices"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
)

// inherited are the variables by which an AWS SDK finds credentials or chooses a profile, from the sources of those for Go, Java,
// JavaScript, .NET, PHP and Ruby, and of botocore. AWS_SHARED_CREDENTIALS_FILE stays: the code may name other profiles of it.
var inherited = []string{
	"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AMAZON_ACCESS_KEY_ID", // the second of Go, Java and Ruby, the third of Ruby
	"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AMAZON_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AMAZON_SESSION_TOKEN", // the second of botocore, the third of Ruby
	"AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIAL_SCOPE", "AWS_ACCOUNT_ID",
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CREDENTIAL_PROFILES_FILE", "AWS_CREDENTIAL_FILE", // Java v1; botocore, as the first EC2 tools had it
}

// families are beginnings of such names: AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_BEARER_TOKEN_BEDROCK.
var families = []string{"AWS_CONTAINER_", "AWS_BEARER_TOKEN_"}

const depthVariable = "WHICHROLE_DEPTH" // the command is nobody's credential_process

// Environ is env as the command sees it: without what would give it other credentials, and with what is given, the later
// ones winning. keep tells of a removed variable whether the source needs it: as it was before any exec it goes on under
// paths.BeforeExecPrefix, where our helper and an exec in this one look for it. They are told as well which credentials are exec's own,
// or those would be first credentials there. With windows, names that differ in case alone are one.
func Environ(env paths.Env, windows bool, keep func(name string) bool, given ...paths.Env) paths.Env {
	out := make(paths.Env, len(env)+8)
	one := func(name string) string {
		if windows {
			return strings.ToUpper(name)
		}
		return name
	}
	for name, value := range env {
		as := one(name)
		rest, source := strings.CutPrefix(as, paths.BeforeExecPrefix)
		if as != depthVariable && !isInherited(as) && !(source && isInherited(rest)) {
			out[name] = value
		}
	}
	for name, value := range env.BeforeExec() {
		if as := one(name); isInherited(as) && keep(as) {
			out[paths.BeforeExecPrefix+as] = value
		}
	}
	for _, more := range given {
		for name, value := range more {
			set(out, windows, name, value)
			if _, kept := out[paths.BeforeExecPrefix+name]; !kept && isInherited(name) {
				out[paths.BeforeExecPrefix+name] = ""
			}
		}
	}
	return out
}

func isInherited(name string) bool {
	return slices.Contains(inherited, name) || slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(name, f) })
}

func set(env paths.Env, windows bool, name, value string) {
	if windows {
		for other := range env {
			if strings.EqualFold(other, name) {
				delete(env, other)
			}
		}
	}
	env[name] = value
}

// Region are the variables of the map's region, none where it names none.
func Region(region string) paths.Env {
	if region == "" {
		return nil
	}
	return paths.Env{"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
}

// Static are the credentials themselves. expiration is what SDKs are told; zero for long-term keys.
func Static(c creds.Credentials, expiration time.Time) paths.Env {
	env := paths.Env{"AWS_ACCESS_KEY_ID": c.AccessKeyID, "AWS_SECRET_ACCESS_KEY": c.SecretAccessKey.Reveal()}
	if !c.SessionToken.Empty() {
		env["AWS_SESSION_TOKEN"] = c.SessionToken.Reveal()
	}
	if !expiration.IsZero() {
		env["AWS_CREDENTIAL_EXPIRATION"] = expiration.UTC().Format("2006-01-02T15:04:05Z")
	}
	if c.AccountID != "" {
		env["AWS_ACCOUNT_ID"] = c.AccountID
	}
	return env
}

// Endpoint are the variables of a container-credentials endpoint.
func Endpoint(url string, token creds.Secret) paths.Env {
	return paths.Env{"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": token.Reveal()}
}
