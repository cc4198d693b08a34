package fakests

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"whichrole/internal/test/fakeissuer"
)

const (
	runner  = "arn:aws:iam::111111111111:role/ci/runner"
	gitlab  = "arn:aws:iam::111111111111:role/gitlab"
	next    = "arn:aws:iam::222222222222:role/next"
	subject = "repo:acme/infra:ref:refs/heads/main"
)

// federated is an issuer, and an STS where GitHub's jobs of acme become runner, and runner next.
func federated(t *testing.T, now func() time.Time, change func(*Config)) (*fakeissuer.Issuer, *Server) {
	t.Helper()
	i := fakeissuer.Start(fakeissuer.Config{Now: now})
	t.Cleanup(i.Close)
	return i, start(t, func(c *Config) {
		c.Now, c.Issuers = now, []string{i.URL}
		c.Roles = append(c.Roles,
			Role{ARN: runner, MaxDuration: Duration(4 * time.Hour), Federated: &Federated{i.URL, []string{"sts.amazonaws.com"}, []string{"repo:acme/*:ref:refs/heads/mai?"}}},
			Role{ARN: gitlab, Federated: &Federated{i.URL, []string{"https://gitlab.com"}, []string{"*"}}},
			Role{ARN: next, Trusted: []string{runner}, MaxDuration: Duration(4 * time.Hour)})
		if change != nil {
			change(c)
		}
	})
}

func atNoon() time.Time { return noon }

func exchange(role, token string, more ...string) url.Values {
	f := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"job-7001"}, "WebIdentityToken": {token}}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// unsigned sends it as the SDKs do.
func unsigned(f url.Values) call {
	return call{key: aliceKey, form: f, spoil: func(r *http.Request) { r.Header.Del("Authorization") }}
}

func TestATokenIsExchangedForARole(t *testing.T) {
	i, s := federated(t, time.Now, nil)
	token := i.Token()
	out, err := s.client(aws.Credentials{}).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(runner), RoleSessionName: aws.String("job-7001"), WebIdentityToken: &token, DurationSeconds: aws.Int32(4 * 3600),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *out.SubjectFromWebIdentityToken != subject || *out.Audience != "sts.amazonaws.com" || *out.Provider != i.URL {
		t.Errorf("%s %s %s", *out.SubjectFromWebIdentityToken, *out.Audience, *out.Provider)
	}
	session := keyFrom(out.Credentials)
	lasts(t, session, time.Now(), 4*time.Hour)
	const arn = "arn:aws:sts::111111111111:assumed-role/runner/job-7001"
	if who := s.whoIs(t, session); who != arn || *out.AssumedRoleUser.Arn != arn {
		t.Errorf("it is %s, and says %s", who, *out.AssumedRoleUser.Arn)
	}

	// The next hop is signed, and role chaining.
	_, err = s.assumes(t, session, next, func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	wants(t, err, "ValidationError", "exceeds the 1 hour session limit for roles assumed by role chaining")
	_, err = s.assumes(t, session, next, nil)
	wants(t, err, "", "")
	_, err = s.session(t, session, sts.GetSessionTokenInput{})
	wants(t, err, "AccessDenied", "Cannot call GetSessionToken")
	if first := s.Calls()[0]; first.Subject != subject || first.Caller != "" || first.AccessKeyID != "" || first.Role != runner || first.Minted != session.AccessKeyID {
		t.Errorf("%+v", first)
	}
}

func TestWhoSignsAnExchangeDoesNotMatter(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	session := call{key: aliceKey, form: assume(hub)}.mint(t, s)
	for name, c := range map[string]call{
		"a user": {key: aliceKey}, "a role session": {key: session}, "nobody": {key: aws.Credentials{AccessKeyID: "AKIANOBODY", SecretAccessKey: "x"}},
	} {
		c.form = exchange(runner, i.Token(), "DurationSeconds", "14400")
		if status, text := c.send(t, s); status != 200 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if last := s.Calls()[3]; last.Caller != "" || last.InheritedTags != nil {
		t.Errorf("%+v", last)
	}
}

func TestTokensThatAreNotGoodEnough(t *testing.T) {
	i, s := federated(t, atNoon, func(c *Config) {
		c.Roles = append(c.Roles,
			Role{ARN: runner + "-mfa", NeedsMFA: true}, Role{ARN: runner + "-external", ExternalID: "sesame"}, Role{ARN: runner + "-identity", NeedsIdentity: true})
		for n := range c.Roles {
			if strings.HasPrefix(c.Roles[n].ARN, runner+"-") {
				c.Roles[n].Federated = c.Roles[2].Federated
			}
		}
	})
	stranger := fakeissuer.Start(fakeissuer.Config{Now: atNoon})
	t.Cleanup(stranger.Close)
	with := func(name string, value any) string { return i.Token(fakeissuer.Claims{name: value}) }
	const noJWT, untrue, denied, no = "The ID Token provided is not a valid JWT.", "InvalidIdentityToken", "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	expired := fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", noon.Unix(), noon.Unix())
	for name, c := range map[string]struct {
		form        url.Values
		status      int
		code, words string
	}{
		"no JWT":                      {exchange(runner, "not.a.jwt"), 400, untrue, noJWT},
		"an access token":             {exchange(runner, "gho_16C7e42F292c6912E7710c838347Ae178B4a"), 400, untrue, noJWT},
		"a fourth part":               {exchange(runner, i.Token()+".x"), 400, untrue, noJWT},
		"a time with a fraction":      {exchange(runner, with("exp", 1.5e9+0.5)), 400, untrue, noJWT},
		"no subject":                  {exchange(runner, with("sub", nil)), 400, untrue, "Missing a required claim: sub"},
		"no audience":                 {exchange(runner, with("aud", nil)), 400, untrue, "Missing a required claim: aud"},
		"no end":                      {exchange(runner, with("exp", nil)), 400, untrue, "Missing a required claim: exp"},
		"no beginning":                {exchange(runner, with("iat", nil)), 400, untrue, "Missing a required claim: iat"},
		"no issuer":                   {exchange(runner, with("iss", nil)), 400, untrue, "Missing a required claim: iss"},
		"expired":                     {exchange(runner, with("exp", noon)), 400, "ExpiredTokenException", expired},
		"not yet":                     {exchange(runner, with("nbf", noon.Add(time.Minute))), 400, untrue, "not valid yet"},
		"of the future":               {exchange(runner, with("iat", noon.Add(time.Minute))), 400, untrue, "future"},
		"another issuer":              {exchange(runner, stranger.Token()), 400, untrue, "No OpenIDConnect provider found in your account for " + stranger.URL},
		"our name with a slash":       {exchange(runner, with("iss", i.URL+"/")), 400, untrue, "No OpenIDConnect provider found in your account for " + i.URL + "/"},
		"an audience of nobody":       {exchange(runner, with("aud", "sts.amazon.com")), 400, untrue, "Incorrect token audience"},
		"an audience of another role": {exchange(runner, with("aud", "https://gitlab.com")), 403, denied, no},
		"another repository":          {exchange(runner, with("sub", "repo:evil/infra:ref:refs/heads/main")), 403, denied, no},
		"a subject that only ends so": {exchange(runner, with("sub", "x"+subject)), 403, denied, no},
		"a subject that goes on":      {exchange(runner, with("sub", subject+"/x")), 403, denied, no},
		"another case":                {exchange(runner, with("sub", strings.ToUpper(subject))), 403, denied, no},
		"a role for users":            {exchange(hub, i.Token()), 403, denied, no},
		"an unknown role":             {exchange(nowhere, i.Token()), 403, denied, no},
		"MFA":                         {exchange(runner+"-mfa", i.Token()), 403, denied, no},
		"external id":                 {exchange(runner+"-external", i.Token()), 403, denied, no},
		"source identity":             {exchange(runner+"-identity", i.Token()), 403, denied, no},
		"longer than the role":        {exchange(runner, i.Token(), "DurationSeconds", "14401"), 400, "ValidationError", "exceeds the MaxSessionDuration set for this role"},
		"too short":                   {exchange(runner, i.Token(), "DurationSeconds", "899"), 400, "ValidationError", "900"},
		"longer than any":             {exchange(runner, i.Token(), "DurationSeconds", "43201"), 400, "ValidationError", "43200"},
		"not an ARN":                  {exchange("runner", i.Token()), 400, "ValidationError", "runner is invalid"},
		"a long token":                {exchange(runner, with("x", strings.Repeat("x", 20000))), 400, "ValidationError", "webIdentityToken"},
	} {
		t.Run(name, func(t *testing.T) { unsigned(c.form).refused(t, s, c.status, c.code, c.words) })
	}
	unsigned(exchange(runner, i.Token())).mint(t, s)
	unsigned(exchange(runner, with("aud", []string{"x", "sts.amazonaws.com"}))).mint(t, s)
	unsigned(exchange(gitlab, with("aud", "https://gitlab.com"))).mint(t, s)
	call{key: aliceKey, form: assume(runner)}.refused(t, s, 403, denied, runner) // a token's role is not a user's
}

func TestForgedTokens(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	good := i.Token()
	parts := strings.Split(good, ".")
	header, payload := unpack(t, parts[0]), unpack(t, parts[1])
	mine, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	byMe := func(header, payload map[string]any) string {
		text := pack(header) + "." + pack(payload)
		sum := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(nil, mine, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	changed := func(in map[string]any, name string, value any) map[string]any {
		out := maps.Clone(in)
		out[name] = value
		return out
	}
	hs256 := func() string { // the public key, taken for a secret
		text := pack(changed(header, "alg", "HS256")) + "." + pack(payload)
		mac := hmac.New(sha256.New, []byte(publicModulus(t, i)))
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	other := strings.Split(i.Token(fakeissuer.Claims{"sub": "repo:acme/other:ref:refs/heads/main"}), ".")
	for name, c := range map[string]struct{ token, words string }{
		"no algorithm":                {pack(changed(header, "alg", "none")) + "." + parts[1] + ".", "not a valid JWT"},
		"no algorithm, a signature":   {pack(changed(header, "alg", "none")) + "." + parts[1] + "." + parts[2], "not a valid JWT"},
		"a secret for a key":          {hs256(), "not a valid JWT"},
		"another's key, its own name": {byMe(changed(header, "kid", "mine"), payload), "Couldn't retrieve verification key from your identity provider,  please"},
		"another's key, our name":     {byMe(header, payload), "signature"},
		"another payload":             {parts[0] + "." + other[1] + "." + parts[2], "signature"},
		"a changed payload":           {parts[0] + "." + pack(changed(payload, "sub", subject+"s")) + "." + parts[2], "signature"},
		"no signature":                {parts[0] + "." + parts[1] + ".", "signature"},
		"another issuer, our key":     {i.Token(fakeissuer.Claims{"iss": "http://127.0.0.1:1"}), "No OpenIDConnect provider"},
	} {
		t.Run(name, func(t *testing.T) {
			words := strings.ReplaceAll(c.words, "'", "&#39;")
			unsigned(exchange(runner, c.token)).refused(t, s, 400, "InvalidIdentityToken", words)
		})
	}
	unsigned(exchange(runner, good)).mint(t, s)
}

func unpack(t *testing.T, part string) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	return object
}

func pack(object map[string]any) string {
	text, _ := json.Marshal(object)
	return base64.RawURLEncoding.EncodeToString(text)
}

func publicModulus(t *testing.T, i *fakeissuer.Issuer) string {
	t.Helper()
	resp, err := http.Get(i.URL + "/.well-known/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var set struct{ Keys []struct{ N string } }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	return set.Keys[0].N
}

func TestIssuersThatDoNotAnswer(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	for _, kind := range []string{fakeissuer.Broken, fakeissuer.Forbidden, fakeissuer.HTML, fakeissuer.Garbage, fakeissuer.Huge, fakeissuer.Redirect, fakeissuer.Cut, fakeissuer.Hang} {
		t.Run(kind, func(t *testing.T) {
			i.SetFaults(fakeissuer.Fault{Kind: kind, At: fakeissuer.Keys, Times: 1})
			unsigned(exchange(runner, i.Token())).refused(t, s, 400, "InvalidIdentityToken", "retrieve verification key from your identity provider")
		})
	}
	unsigned(exchange(runner, i.Token())).mint(t, s)
	if len(i.Requests(fakeissuer.Elsewhere)) > 0 {
		t.Error("a redirect was followed")
	}
	i.Close()
	t.Run("gone", func(t *testing.T) {
		unsigned(exchange(runner, i.Token())).refused(t, s, 400, "InvalidIdentityToken", "retrieve verification key from your identity provider")
	})
}

// A liar has a good key set and the wrong document about it.
func TestIssuersThatLie(t *testing.T) {
	keys := fakeissuer.Start(fakeissuer.Config{Now: atNoon})
	t.Cleanup(keys.Close)
	status, document := 200, map[string]string{}
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(document)
	}))
	t.Cleanup(liar.Close)
	_, s := federated(t, atNoon, func(c *Config) {
		c.Issuers = append(c.Issuers, liar.URL)
		c.Roles[2].Federated.Issuer = liar.URL
	})
	token, jwks := keys.Token(fakeissuer.Claims{"iss": liar.URL}), keys.URL+"/.well-known/jwks"
	for name, c := range map[string]struct {
		status       int
		issuer, keys string
	}{
		"another issuer": {200, keys.URL, jwks}, "an error": {500, liar.URL, jwks},
		"keys elsewhere": {200, liar.URL, strings.Replace(jwks, "127.0.0.1", "localhost", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			status, document = c.status, map[string]string{"issuer": c.issuer, "jwks_uri": c.keys}
			unsigned(exchange(runner, token)).refused(t, s, 400, "InvalidIdentityToken", "retrieve verification key")
		})
	}
	status, document = 200, map[string]string{"issuer": liar.URL, "jwks_uri": jwks}
	unsigned(exchange(runner, token)).mint(t, s)
}

func TestIDPCommunicationErrorOnce(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	s.SetFaults(Fault{Kind: IDPSilent, Times: 1})
	unsigned(exchange(runner, i.Token())).refused(t, s, 400, "IDPCommunicationError", "could not be reached")
	unsigned(exchange(runner, i.Token())).mint(t, s)
	s.SetFaults(Fault{Kind: Refuse})
	unsigned(exchange(runner, i.Token())).refused(t, s, 403, "AccessDenied", "<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>")
}

func TestAnExchangeTakesNoMoreThanItHas(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	for _, name := range []string{"ExternalId", "SourceIdentity", "SerialNumber", "TokenCode", "Tags.member.1.Key", "TransitiveTagKeys.member.1", "ProviderId"} {
		unsigned(exchange(runner, i.Token(), name, "123456")).refused(t, s, 400, "ValidationError", name+" is not a parameter of AssumeRoleWithWebIdentity")
	}
	for _, name := range []string{"RoleArn", "RoleSessionName", "WebIdentityToken"} {
		form := exchange(runner, i.Token())
		form.Del(name)
		unsigned(form).refused(t, s, 400, "ValidationError", strings.ToLower(name[:1])+name[1:])
	}
	unsigned(exchange(runner, i.Token(), "Policy", "{}", "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess", "DurationSeconds", "900")).mint(t, s)
}

func TestNoWebIdentityTokenIsLogged(t *testing.T) {
	i, s := federated(t, atNoon, nil)
	unsigned(exchange(runner, i.Token())).mint(t, s)
	unsigned(exchange(runner, i.Token(fakeissuer.Claims{"sub": "repo:evil/fork:pull_request"}))).refused(t, s, 403, "AccessDenied", "")
	unsigned(exchange(runner, "not.a.jwt")).refused(t, s, 400, "InvalidIdentityToken", "")
	calls := s.Calls()
	if calls[0].Subject != subject || calls[1].Subject != "repo:evil/fork:pull_request" || calls[2].Subject != "" {
		t.Errorf("%+v", calls)
	}
	text, err := json.Marshal(calls)
	if err != nil || strings.Contains(string(text), "eyJ") || strings.Contains(string(text), "not.a.jwt") {
		t.Errorf("%v %s", err, text)
	}
}

func TestIssuersOfTheRealWorldAreNeverAsked(t *testing.T) {
	for _, issuer := range []string{"https://token.actions.githubusercontent.com", "http://192.0.2.1", "http://localhost:8080", "https://127.0.0.1:1", "127.0.0.1:1"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken", issuer)
				}
			}()
			Start(Config{Issuers: []string{issuer}}).Close()
		}()
	}
}
