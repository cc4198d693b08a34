package sso

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/test/fakesso"
)

var fields = []string{"accessToken", "clientId", "clientSecret", "expiresAt", "refreshToken", "region", "registrationExpiresAt", "startUrl"}

func keysOf(content map[string]any) []string {
	var keys []string
	for k := range content {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestLoginByTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	if until := w.login(t); !until.Equal(noon.Add(time.Hour)) {
		t.Errorf("until %v", until)
	}
	got := w.tokens(t)
	if !slices.Equal(keysOf(got), fields) {
		t.Errorf("%v", keysOf(got))
	}
	if got["startUrl"] != w.StartURL() || got["region"] != "eu-west-1" || got["expiresAt"] != "2026-11-22T13:00:00Z" || got["registrationExpiresAt"] != "2027-02-20T12:00:00Z" {
		t.Errorf("%v", got)
	}
	sum := sha1.Sum([]byte("corp"))
	path := filepath.Join(w.dir, ".aws/sso/cache", hex.EncodeToString(sum[:])+".json")
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if dir, err := os.Stat(filepath.Dir(path)); err != nil || runtime.GOOS != "windows" && dir.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", dir, err)
	}
	var actions []string
	for _, c := range w.Calls() {
		actions = append(actions, c.Action+c.Grant+c.Client)
	}
	if !reflect.DeepEqual(actions, []string{"RegisterClientwhichrole-corp", "Authorizewhichrole-corp", "CreateTokenauthorization_codewhichrole-corp"}) {
		t.Errorf("%q", actions)
	}
	if len(w.opened) != 1 || len(w.said) != 1 || !strings.HasSuffix(w.said[0], w.opened[0]) || !strings.Contains(w.said[0], "confirm the login to sso-session corp") {
		t.Errorf("%q %q", w.opened, w.said)
	}
	w.keepsSecrets(t, "")
}

func TestTheAuthorizePageIsAskedAsTheAWSCLIAsks(t *testing.T) {
	w := newWorld(t, nil)
	w.Scopes = []string{"sso:account:access", "codewhisperer:analysis"}
	w.login(t)
	u, err := url.Parse(w.opened[0])
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/authorize" || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		len(q.Get("state")) < 26 || !strings.Contains(u.RawQuery, "scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Aanalysis") ||
		!regexp.MustCompile(`^http://127\.0\.0\.1:\d+/oauth/callback$`).MatchString(q.Get("redirect_uri")) {
		t.Errorf("%v", q)
	}
	w.login(t)
	u2, err := url.Parse(w.opened[1])
	if err != nil || u2.Query().Get("state") == q.Get("state") || u2.Query().Get("code_challenge") == q.Get("code_challenge") {
		t.Error("state or challenge came twice")
	}
}

func TestLoginByADeviceCode(t *testing.T) {
	w := newWorld(t, func(c *fakesso.Config) { c.SlowDown, c.Pending, c.Interval = 2, 2, 7 })
	ui := w.ui()
	ui.Device = true
	if _, err := w.Login(t.Context(), ui); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(w.tokens(t)); !slices.Equal(got, fields) {
		t.Errorf("%v", got)
	}
	if want := []time.Duration{12 * time.Second, 17 * time.Second, 17 * time.Second, 17 * time.Second}; !slices.Equal(w.pauses, want) {
		t.Errorf("%v, want %v", w.pauses, want)
	}
	code := regexp.MustCompile(`[A-Z2-7]{4}-[A-Z2-7]{4}`).FindString(w.said[0])
	if len(w.said) != 2 || code == "" || !strings.HasSuffix(w.said[0], " at "+w.URL+"/device") || !strings.HasSuffix(w.said[1], ": "+w.URL+"/device?user_code="+code) {
		t.Errorf("%q", w.said)
	}
	if !slices.Equal(w.opened, []string{w.URL + "/device?user_code=" + code}) {
		t.Errorf("%q", w.opened)
	}
	if w.Count("Authorize") != 0 {
		t.Error("the other page was opened")
	}
}

func TestIntervals(t *testing.T) {
	for told, want := range map[int]time.Duration{-1: 5 * time.Second, 3: 3 * time.Second, 1 << 40: time.Minute} {
		w := newWorld(t, func(c *fakesso.Config) { c.Pending, c.Interval = 1, told })
		if _, err := w.Login(t.Context(), UI{Device: true, Say: w.ui().Say}); err != nil || !slices.Equal(w.pauses, []time.Duration{want}) {
			t.Errorf("%d: %v %v", told, w.pauses, err)
		}
	}
}

func TestAClientThatIsAuthorizedAlreadyAsksNobody(t *testing.T) {
	w := newWorld(t, nil)
	ui := w.ui()
	ui.Device = true
	if _, err := w.Login(t.Context(), ui); err != nil || len(w.said)+len(w.opened)+len(w.pauses) != 0 {
		t.Errorf("%v %q %q", err, w.said, w.opened)
	}
}

func TestWithoutABrowserThereIsACode(t *testing.T) {
	for name, browse := range map[string]func(string) error{"none": nil, "one that fails": func(string) error { return errors.New("no display") }} {
		w := newWorld(t, func(c *fakesso.Config) { c.Pending = 1 })
		ui := w.ui()
		ui.Browse = browse
		if _, err := w.Login(t.Context(), ui); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(w.said) != 2 || strings.Contains(strings.Join(w.said, " "), "/authorize") || w.Count("device_code") != 2 {
			t.Errorf("%s: %q", name, w.said)
		}
	}
}

func TestLegacySessionsHaveACodeAndNoRefreshToken(t *testing.T) {
	w := newWorld(t, nil)
	w.Name = ""
	w.login(t)
	sum := sha1.Sum([]byte(w.StartURL()))
	if filepath.Base(w.tokenPath()) != hex.EncodeToString(sum[:])+".json" {
		t.Error(w.tokenPath())
	}
	if got := keysOf(w.tokens(t)); slices.Contains(got, "refreshToken") || len(got) != len(fields)-1 {
		t.Errorf("%v", got)
	}
	if w.Count("device_code") != 1 || w.Calls()[0].Client != "whichrole" {
		t.Errorf("%+v", w.Calls())
	}
	w.pass(50 * time.Minute)
	if _, err := w.admin(t); err != nil {
		t.Errorf("it lasts to its end: %v", err)
	}
	w.pass(10 * time.Minute)
	_, err := w.admin(t)
	w.fails(t, err, failure{problem.LoginNeeded, []string{"the login to IAM Identity Center at http://127.0.0.1", "ended at 2026-11-22T13:00:00Z"}, "whichrole login"})
}

func TestLoginThatFails(t *testing.T) {
	device := func(ui *UI) { ui.Device = true }
	browser := func(*UI) {}
	garbage := func(action string) []fakesso.Fault { return []fakesso.Fault{{Kind: fakesso.Garbage, Action: action}} }
	says := func(action string, status int, code string) []fakesso.Fault {
		return []fakesso.Fault{{Kind: fakesso.Scripted, Action: action, Status: status, Code: code, Message: "so it is"}}
	}
	body := func(action, body string) []fakesso.Fault {
		return []fakesso.Fault{{Kind: fakesso.Scripted, Action: action, Status: 200, Body: body}}
	}
	strange := failure{problem.Unreachable, []string{"is not an answer of IAM Identity Center"}, "AWS_ENDPOINT_URL_SSO_OIDC"}
	for name, tt := range map[string]struct {
		config func(*fakesso.Config)
		ui     func(*UI)
		want   failure
	}{
		"denied in the browser": {func(c *fakesso.Config) { c.Deny = true }, browser, failure{problem.Refused, []string{"cannot log in to sso-session corp: it was denied in the browser"}, ""}},
		"a denied code":         {func(c *fakesso.Config) { c.Deny = true }, device, failure{problem.Refused, []string{"it was denied in the browser"}, ""}},
		"an expired code": {func(c *fakesso.Config) { c.Faults = says("CreateToken", 400, "ExpiredTokenException") }, device,
			failure{problem.LoginNeeded, []string{"cannot log in to sso-session corp: nobody confirmed it in time"}, "whichrole login"}},
		"a wrong start URL": {func(c *fakesso.Config) { c.Faults = says("RegisterClient", 400, "InvalidRequestException") }, browser,
			failure{problem.Refused, []string{"InvalidRequestException: so it is"}, "and sso_region eu-west-1 right? config:1"}},
		"a wrong start URL, by code": {func(c *fakesso.Config) { c.Faults = says("StartDeviceAuthorization", 400, "InvalidRequestException") }, device,
			failure{problem.Refused, []string{"cannot log in to sso-session corp (request id "}, "sso_start_url http://127.0.0.1"}},
		"a code that AWS does not take": {func(c *fakesso.Config) { c.Faults = says("CreateToken", 400, "InvalidGrantException") }, browser,
			failure{problem.Refused, []string{"InvalidGrantException: so it is"}, ""}},
		"out of order":    {func(c *fakesso.Config) { c.Faults = []fakesso.Fault{{Kind: fakesso.Internal}} }, browser, failure{problem.Unreachable, []string{"InternalServerException"}, "try again"}},
		"no client":       {func(c *fakesso.Config) { c.Faults = garbage("RegisterClient") }, browser, strange},
		"no code":         {func(c *fakesso.Config) { c.Faults = garbage("StartDeviceAuthorization") }, device, strange},
		"no token":        {func(c *fakesso.Config) { c.Faults = garbage("CreateToken") }, browser, strange},
		"an empty client": {func(c *fakesso.Config) { c.Faults = body("RegisterClient", "{}") }, browser, strange},
		"an ended client": {func(c *fakesso.Config) {
			c.Faults = body("RegisterClient", `{"clientId":"a","clientSecret":"b","clientSecretExpiresAt":1}`)
		}, browser, strange},
		"a client for ever": {func(c *fakesso.Config) {
			c.Faults = body("RegisterClient", `{"clientId":"a","clientSecret":"b","clientSecretExpiresAt":9223372036854775807}`)
		}, browser, strange},
		"an empty code": {func(c *fakesso.Config) { c.Faults = body("StartDeviceAuthorization", "{}") }, device, strange},
		"a code of control signs": {func(c *fakesso.Config) {
			c.Faults = body("StartDeviceAuthorization", `{"deviceCode":"a","userCode":"\u001b]0;x","verificationUri":"https://a","verificationUriComplete":"https://a"}`)
		}, device, strange},
		"an address of two lines": {func(c *fakesso.Config) {
			c.Faults = body("StartDeviceAuthorization", `{"deviceCode":"a","userCode":"A","verificationUri":"https://a/\nb","verificationUriComplete":"https://a"}`)
		}, device, strange},
		"an address read backwards": {func(c *fakesso.Config) {
			c.Faults = body("StartDeviceAuthorization", `{"deviceCode":"a","userCode":"A","verificationUri":"https://a","verificationUriComplete":"https://a/\u202e"}`)
		}, device, strange},
		"an address that runs": {func(c *fakesso.Config) {
			c.Faults = body("StartDeviceAuthorization", `{"deviceCode":"a","userCode":"A","verificationUri":"javascript:alert(1)","verificationUriComplete":"javascript:alert(1)"}`)
		}, device, strange},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tt.config)
			ui := w.ui()
			tt.ui(&ui)
			_, err := w.Login(t.Context(), ui)
			w.fails(t, err, tt.want)
			if _, ok := w.Until(); ok {
				t.Error("there is a login")
			}
		})
	}
}

func TestLoginIsInterrupted(t *testing.T) {
	for name, device := range map[string]bool{"browser": false, "device": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *fakesso.Config) { c.Abandon = true })
			w.pause = nil // as people have it
			ui := w.ui()
			ui.Device = device
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			start := time.Now()
			_, err := w.Login(ctx, ui)
			w.fails(t, err, failure{problem.Failure, []string{"cannot log in to sso-session corp: interrupted"}, ""})
			if !errors.Is(err, context.Canceled) || time.Since(start) > 20*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err = w.Login(ctx, ui)
			w.fails(t, err, failure{problem.LoginNeeded, []string{"nobody confirmed it in time"}, "whichrole login"})
			if device {
				return
			}
			for _, page := range w.opened {
				u, _ := url.Parse(page)
				back, _ := url.Parse(u.Query().Get("redirect_uri"))
				if c, err := net.Dial("tcp", back.Host); err == nil {
					c.Close()
					t.Errorf("%s still listens", back.Host)
				}
			}
			if len(w.opened) != 2 {
				t.Errorf("%q", w.opened)
			}
		})
	}
}

func TestLoginWhileAWSHangs(t *testing.T) {
	w := newWorld(t, func(c *fakesso.Config) { c.Faults = []fakesso.Fault{{Kind: fakesso.Hang}} })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Login(ctx, w.ui())
	w.fails(t, err, failure{problem.Unreachable, []string{"did not answer in time"}, "network"})
}

func TestLoginThatCannotBeKeptTroublesNobody(t *testing.T) {
	refuses := func(t *testing.T, w *world) {
		t.Helper()
		_, err := w.Login(t.Context(), w.ui())
		w.fails(t, err, failure{problem.Failure, []string{"the token of sso-session corp cannot be kept in " + w.Dir}, ""})
		if w.Count("") != 0 || len(w.opened) != 0 {
			t.Error("somebody was asked")
		}
	}
	w := newWorld(t, nil)
	if err := os.WriteFile(filepath.Join(w.dir, ".aws"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, w)
	if runtime.GOOS == "windows" { // a directory there has no such mode
		return
	}
	w = newWorld(t, nil)
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(w.Dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		w.Dir = "/proc/self" // where root can't write either
	}
	refuses(t, w)
}

func TestTheCallersDeadlineIsNoInterruption(t *testing.T) {
	w := newWorld(t, func(c *fakesso.Config) { c.Abandon = true })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Login(ctx, w.ui())
	w.fails(t, err, failure{problem.LoginNeeded, []string{"nobody confirmed it in time"}, "whichrole login"})
}

func TestAClientIsRegisteredOncePerGrantAndScopes(t *testing.T) {
	w := newWorld(t, nil)
	device := w.ui()
	device.Device = true
	login := func(ui UI) {
		t.Helper()
		if _, err := w.Login(t.Context(), ui); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		ui    UI
		count int
		do    func()
	}{
		{w.ui(), 1, nil}, {w.ui(), 1, nil}, {device, 2, nil}, {device, 2, nil}, {w.ui(), 2, nil},
		{w.ui(), 3, func() { w.Scopes = []string{"sso:account:access", "x"} }}, {w.ui(), 4, func() { w.Name = "other" }},
		{w.ui(), 4, func() { w.pass(89*24*time.Hour - time.Second) }}, {w.ui(), 5, func() { w.pass(time.Second) }}, // less than a day is left
	} {
		if want.do != nil {
			want.do()
		}
		login(want.ui)
		if n := w.Count("RegisterClient"); n != want.count {
			t.Errorf("%d registrations, want %d", n, want.count)
		}
	}
}

func TestTheRegistrationIsOneThatTheAWSCLICouldRead(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	_, name := w.registrationFor(false)
	data, err := os.ReadFile(filepath.Join(w.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil || !slices.Equal(keysOf(got), []string{"clientId", "clientSecret", "expiresAt", "grantTypes", "scopes"}) ||
		got["expiresAt"] != "2027-02-20T12:00:00Z" {
		t.Errorf("%v %v", got, err)
	}
}

func TestARegistrationThatAWSHasForgotten(t *testing.T) {
	w := newWorld(t, nil)
	device := w.ui()
	device.Device = true
	for range 2 {
		if _, err := w.Login(t.Context(), device); err != nil {
			t.Fatal(err)
		}
		w.ForgetClients()
	}
	if w.Count("RegisterClient") != 2 {
		t.Errorf("%+v", w.Calls())
	}
	w.login(t)
	w.SetFaults(fakesso.Fault{Kind: fakesso.Scripted, Action: "CreateToken", Status: 401, Code: "InvalidClientException", Times: 1})
	if _, err := w.Login(t.Context(), w.ui()); err == nil {
		t.Error("no error")
	}
	w.login(t)
	if w.Count("RegisterClient") != 4 {
		t.Errorf("%d registrations", w.Count("RegisterClient"))
	}
}

// Our own caller's hand is on the endpoint; the address of the page is AWS's word alone.
func TestAHostilePageIsShownAndNotOpened(t *testing.T) {
	for page, opens := range map[string]bool{
		"https://acme.awsapps.com/start/#/device": true, "https://device.sso.eu-west-1.amazonaws.com/": true, "https://DEVICE.sso.eu-west-1.amazonaws.com/": true,
		"https://eu-west-1.signin.aws/platform/authorize": true, "https://ssoins-1.portal.eu-west-1.app.aws/start": true,
		"https://start.home.awsapps.cn/directory/x": true, "https://sso.acme.example/start/x": true,
		"http://acme.awsapps.com/start": false, "https://awsapps.com/": false, "https://evil.example/awsapps.com": false, "https://acme.awsapps.com.evil.example/": false,
		"https://evilawsapps.com/": false, "https://acme.awsapps.com@evil.example/": false, "https://user@acme.awsapps.com/": false, "https://acme.awsapps.com:8443/": false,
		"https://bucket.s3.eu-west-1.amazonaws.com/": false, "https://device.sso.s3.eu-west-1.amazonaws.com/": false, "https://device.sso.us-east-1.amazonaws.com/": false,
		"https://x.lambda-url.eu-west-1.on.aws/": false, "https://xn--awsapps-9za.com/": false, "http://127.0.0.1:1/": false, "http://localhost/": false, "file:///etc/passwd": false,
		"https:acme.awsapps.com": false, "https://acme.awsapps.com\\@evil.example/": false,
	} {
		w := newWorld(t, nil)
		w.Session.StartURL, w.OIDCEndpoint = "https://sso.acme.example/start", ""
		if w.opens(page) != opens {
			t.Errorf("%s: opened is %v", page, !opens)
		}
	}
	w := newWorld(t, func(c *fakesso.Config) { c.Pending, c.VerificationURL = 1, "https://evil.example/device" })
	ui := w.ui()
	ui.Device = true
	if _, err := w.Login(t.Context(), ui); err != nil {
		t.Fatal(err)
	}
	if len(w.opened) != 0 || len(w.said) != 3 || !strings.Contains(w.said[1], "https://evil.example/device?user_code=") || !strings.Contains(w.said[2], "evil.example is no host of IAM Identity Center") {
		t.Errorf("%q %q", w.opened, w.said)
	}
}
