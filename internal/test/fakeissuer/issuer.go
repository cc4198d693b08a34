// Package fakeissuer is an OIDC issuer on loopback: it signs tokens for the jobs of CI systems, and hands them out as those
// systems do.
package fakeissuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"sync"
	"time"

	"whichrole/internal/test/fake"
)

// Lifetime is how long a token is good unless its claims say otherwise.
const Lifetime = 10 * time.Minute

// Claims are what a token says, as JSON has it: texts, numbers, lists. A time.Time becomes seconds, a nil takes away a claim
// that a token would have.
type Claims map[string]any

// Config says what the issuer thinks.
type Config struct {
	Now    func() time.Time // nil means time.Now
	Claims Claims           // changes to every token; see SetClaims
	Faults []Fault
}

// Issuer is a running fake, whose URL is the iss of its tokens. Its methods may be called from any goroutine.
type Issuer struct {
	*fake.Server
	now      func() time.Time
	bearer   map[string]string // by system: what the job must show to get a token
	faults   fake.Faults[Fault]
	requests fake.Log[Request]

	mu     sync.Mutex
	claims Claims
	signed []string
}

// Start listens on 127.0.0.1, on a port that was free. Close ends it.
func Start(config Config) *Issuer {
	i := &Issuer{now: config.Now, bearer: map[string]string{}}
	for _, system := range []string{GitHub, AzureDevOps, Buildkite} {
		i.bearer[system] = rand.Text()
	}
	if i.now == nil {
		i.now = time.Now
	}
	i.SetClaims(config.Claims)
	i.SetFaults(config.Faults...)
	i.Server = fake.Listen(i.serve, false)
	return i
}

// SetClaims replaces what is changed in every token from now on: {"sub": …} for another job, {"exp": …} for an old one.
func (i *Issuer) SetClaims(c Claims) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims = maps.Clone(c)
}

// Secrets are the tokens that were signed so far and what jobs must show to get one: nobody's output may hold any.
func (i *Issuer) Secrets() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Concat(i.signed, slices.Collect(maps.Values(i.bearer)))
}

// Token is a signed token of GitHub's job for STS, changed by SetClaims and then by these.
func (i *Issuer) Token(changes ...Claims) string { return i.token(GitHub, nil, changes...) }

// token is one of a job of that system; SetClaims changes what is special about it as well.
func (i *Issuer) token(system string, special Claims, changes ...Claims) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	claims := Claims{"iss": i.URL, "iat": now, "nbf": now, "exp": now.Add(Lifetime), "jti": rand.Text()}
	for _, change := range slices.Concat([]Claims{jobs[system].claims, special, i.claims}, changes) {
		maps.Copy(claims, change)
	}
	for name, value := range claims {
		switch value := value.(type) {
		case nil:
			delete(claims, name)
		case time.Time:
			claims[name] = value.Unix()
		}
	}
	token := sign(claims)
	i.signed = append(i.signed, token)
	return token
}

// key is made once for all issuers of a process: that takes longer than most tests.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func keyID() string {
	sum := sha256.Sum256(key().N.Bytes())
	return hex.EncodeToString(sum[:8])
}

func sign(claims Claims) string {
	text := encode(map[string]string{"alg": "RS256", "kid": keyID(), "typ": "JWT"}) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key(), crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// keySet is the issuer's JWKS, RFC 7517.
func keySet() any {
	k := key()
	return map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID(),
		"n": base64.RawURLEncoding.EncodeToString(k.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes()),
	}}}
}

// discovery is the document of OpenID Connect Discovery 1.0, section 3.
func (i *Issuer) discovery() any {
	return map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/.well-known/jwks",
		"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	}
}
