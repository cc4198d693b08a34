package doctor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/keystore"
	"whichrole/internal/problem"
)

// cache looks at where credentials are kept, by keeping something there for a moment.
func (v *visit) cache(ctx context.Context) (list []Finding) {
	user, err := v.Broker.User()
	if err != nil {
		return nil
	}
	store, without, err := v.Broker.Keeps(ctx, user)
	unavailable, is := errors.AsType[*keystore.Unavailable](err)
	switch {
	case is:
		without = append(without, unavailable)
		list = append(list, Finding{ID: "cache", Level: Warning, What: "credentials cannot be kept here" + v.surroundings(),
			Why: "each call asks STS anew, and an MFA code lasts for one call", Fix: mend(unavailable)})
	case err != nil:
		list = append(list, failed("cache", Broken, err, "nothing is handed out"))
	case store == string(keystore.None):
		list = append(list, Finding{ID: "cache", Level: Note, What: "the cache is switched off", Why: "each call asks STS anew, and an MFA code lasts for one call"})
	default:
		list = append(list, well("cache", "credentials are kept in "+storeWords(store)))
	}
	for _, u := range without {
		if u.Class == keystore.Absent && list[0].Level == OK { // a machine without a desktop is not at fault
			list[0].What += "; not in " + storeWords(u.Store) + ": " + u.Detail + v.surroundings()
			continue
		}
		f := Finding{ID: "cache", Level: Note, What: "not in " + storeWords(u.Store) + ", which is " + string(u.Class) + ": " + u.Detail + v.surroundings()}
		if u.Class != keystore.Absent {
			f.Level, f.Fix = Warning, mend(u)
			f.Why = "what lies in it is not found, and other stores may be less safe or gone after a reboot"
		}
		list = append(list, f)
	}
	return list
}

func storeWords(store string) string {
	switch {
	case store == "kernel":
		return "the kernel's keyring"
	case store == "file":
		return "a file in memory"
	case store != "keyring":
		return store
	case runtime.GOOS == "darwin":
		return "the Keychain"
	case runtime.GOOS == "windows":
		return "the Credential Manager"
	}
	return "the Secret Service"
}

// mend is what helps with a store that cannot be used. A keyring may ask for its password in exec, which a person starts.
func mend(u *keystore.Unavailable) string {
	switch {
	case u.Store != "keyring":
		return ""
	case u.Class == keystore.TimedOut:
		return "whichrole cache clear --expired"
	case u.Class == keystore.Locked && runtime.GOOS == "darwin":
		return "security unlock-keychain"
	case u.Class == keystore.Locked:
		return "whichrole exec -- true"
	}
	return ""
}

// surroundings are why a keyring may be out of reach here.
func (v *visit) surroundings() string {
	var list []string
	for _, s := range []struct{ variable, words string }{
		{"SSH_CONNECTION", "over SSH"}, {"WSL_DISTRO_NAME", "in WSL"}, {"KUBERNETES_SERVICE_HOST", "in a container"}, {"container", "in a container"}, {"CI", "in CI"},
	} {
		if v.env[s.variable] != "" {
			list = append(list, s.words)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

const (
	skewRefused = 4 * time.Minute // AWS takes five
	skewFelt    = 30 * time.Second
)

// sts looks at whether AWS can be reached, and what time it is there.
func (v *visit) sts(ctx context.Context) []Finding {
	d, err := v.decision()
	user, wrong := v.Broker.User()
	if err != nil || wrong != nil {
		d = &broker.Decision{}
	}
	var first broker.First
	if wrong == nil && problem.CodeOf(err) != problem.NotTrusted {
		first, _ = v.Broker.StartingPoint(d, user)
	}
	reached, err := v.Broker.Reach(ctx, d, first)
	if err != nil {
		return []Finding{v.silent(err, reached, first)}
	}
	list := []Finding{well("sts", reached.Host+" answers"+v.way(reached))}
	return append(list, clock(reached))
}

const endpointVariable = "AWS_ENDPOINT_URL_STS"

// silent is the finding of an STS that gives no answer. An endpoint of the user's own was forgotten, or is not running: the
// network's words are no help then.
func (v *visit) silent(err error, reached broker.Reached, first broker.First) Finding {
	f := failed("sts", Broken, err, "no role can be assumed")
	if host, clear := strings.CutSuffix(f.What, " is not asked: a token would go there without TLS"); clear && (first.Choice == nil || first.Token == nil) {
		f.Level, f.What, f.Fix = Warning, host+" is not looked at: it is without TLS", "" // with keys it is asked: they only sign
		f.Why = "who listens on the way gets the credentials that it hands out"
	}
	if v.env[endpointVariable] != "" && (f.Fix == "" || strings.HasPrefix(f.Fix, "look at the network") || f.Fix == "the URL must begin with https://") {
		f.Fix = "unset " + endpointVariable
	}
	f.What += v.way(reached)
	return f
}

// way is how STS is reached, without what may be a proxy's password.
func (v *visit) way(r broker.Reached) string {
	var list []string
	if r.Endpoint {
		list = append(list, "the endpoint is your own")
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
		if v.env[name] != "" {
			list = append(list, name+" is set")
		}
	}
	if r.CABundle != "" {
		list = append(list, "certificates from "+r.CABundle)
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

func clock(r broker.Reached) Finding {
	ahead, way := r.Ahead.Abs(), "behind"
	if r.Ahead < 0 {
		way = "ahead of"
	}
	f := Finding{ID: "clock", Level: Warning, What: fmt.Sprintf("the clock of this machine is %s %s AWS's", ahead, way),
		Why: "credentials seem to end sooner or later than they do", Fix: setClock()}
	switch {
	case !r.Clock:
		return Finding{ID: "clock", Level: Note, What: r.Host + " does not say what time it is"}
	case ahead >= skewRefused:
		f.Level, f.Why = Broken, "AWS refuses what is signed more than 5 minutes before or after its own time"
	case ahead < skewFelt:
		return well("clock", "the clock agrees with AWS's")
	}
	return f
}

func setClock() string {
	switch runtime.GOOS {
	case "windows":
		return "w32tm /resync"
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	}
	return "sudo timedatectl set-ntp true"
}
