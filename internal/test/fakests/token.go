package fakests

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// webToken is a JWT that has been read, and not believed yet.
type webToken struct {
	claims
	keyID     string
	signed    []byte // what the signature is over
	signature []byte
}

type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Expires   int64    `json:"exp"` // a fraction or a text is no JWT to AWS
	Issued    int64    `json:"iat"`
	NotBefore int64    `json:"nbf"`
}

// audience is one text or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

func (t *webToken) isFor(audiences []string) bool {
	return slices.ContainsFunc(t.Audience, func(a string) bool { return slices.Contains(audiences, a) })
}

func untrue(format string, args ...any) *Error {
	return &Error{400, "InvalidIdentityToken", fmt.Sprintf(format, args...)}
}

// parseToken takes RS256 and nothing else: neither "none" nor a secret that is the public key.
func parseToken(text string) (*webToken, *Error) {
	noJWT := untrue("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, noJWT
	}
	var header struct{ Alg, Kid string }
	t := &webToken{signed: []byte(parts[0] + "." + parts[1])}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err = errors.Join(err, decode(parts[0], &header), decode(parts[1], &t.claims)); err != nil || header.Alg != "RS256" {
		return nil, noJWT
	}
	t.signature, t.keyID = signature, header.Kid
	for _, claim := range []struct {
		name string
		here bool
	}{{"iss", t.Issuer != ""}, {"sub", t.Subject != ""}, {"aud", len(t.Audience) > 0}, {"exp", t.Expires != 0}, {"iat", t.Issued != 0}} {
		if !claim.here {
			return nil, untrue("Missing a required claim: %s", claim.name)
		}
	}
	return t, nil
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func (t *webToken) signedBy(key *rsa.PublicKey) bool {
	sum := sha256.Sum256(t.signed)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], t.signature) == nil
}

// verificationKey asks the issuer for its keys, every time. Nothing is followed off this machine.
func verificationKey(issuer, id string) (*rsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var discovery struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := fetch(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != issuer || !isLocal(discovery.JWKSURI) {
		return nil, errors.New("the discovery document is of another issuer")
	}
	var set struct {
		Keys []struct{ Kty, Use, Alg, Kid, N, E string }
	}
	if err := fetch(ctx, discovery.JWKSURI, &set); err != nil {
		return nil, err
	}
	for _, k := range set.Keys {
		if k.Kid == id && k.Kty == "RSA" && (k.Use == "" || k.Use == "sig") && (k.Alg == "" || k.Alg == "RS256") {
			return publicKey(k.N, k.E)
		}
	}
	return nil, errors.New("the issuer has no such key")
}

func publicKey(modulus, exponent string) (*rsa.PublicKey, error) {
	n, err := base64.RawURLEncoding.DecodeString(modulus)
	e, err2 := base64.RawURLEncoding.DecodeString(exponent)
	if err = errors.Join(err, err2); err != nil || len(n) < 256 || len(e) > 4 {
		return nil, errors.New("the key is none of 2048 bits")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

// idp is neither proxied nor redirected, and leaves no connection behind.
var idp = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func fetch(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := idp.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, resp.Status)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(into)
}

// mustBeLocal keeps a test from ever asking an identity provider of the real world.
func mustBeLocal(issuers []string) {
	for _, issuer := range issuers {
		if !isLocal(issuer) {
			panic(fmt.Sprintf("fakests: issuer %q is not on loopback, as in http://127.0.0.1:8080", issuer))
		}
	}
}

func isLocal(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
