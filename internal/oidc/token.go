package oidc

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"whichrole/internal/problem"
)

const maxToken = 20000 // characters of a WebIdentityToken (STS API reference, AssumeRoleWithWebIdentity)

// Claims are what a trust policy has to match. Nobody has verified them; the strings are as they were in the token.
type Claims struct {
	Issuer, Subject string
	Audience        []string
	Issued, Expires time.Time // UTC, to the second; zero where the token does not say
}

// body is what a token claims, claim by claim as it was written. Names are compared exactly, as encoding/json does not do in
// structs: Exp is not exp.
type body map[string]json.RawMessage

// parse checks a token's form: a JWT (RFC 7519) in its compact form, signed. from says where it was, for the error, which
// quotes nothing: what is no token may be another secret.
func parse(p Place, token, from string) (body, error) {
	token = strings.TrimSpace(token)
	unusable := func(what string) error {
		return p.problem(problem.LoginNeeded, "", "%s %s", from, what)
	}
	if token == "" {
		return nil, unusable("is empty")
	}
	if len(token) > maxToken {
		return nil, unusable(fmt.Sprintf("is %d characters long, and AWS takes %d", len(token), maxToken))
	}
	const noJWT = "is no JWT (three parts in base64url, with a point between)"
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") { // which the decoder would skip
		return nil, unusable(noJWT)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if _, ok := object(parts[0]); !ok || err != nil || len(signature) == 0 {
		return nil, unusable(noJWT)
	}
	b, ok := object(parts[1])
	if !ok {
		return nil, unusable(noJWT)
	}
	return b, nil
}

func object(part string) (body, bool) {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, false
	}
	var b body
	err = json.Unmarshal(data, &b)
	return b, err == nil && b != nil
}

// claims takes what can be understood and leaves the judgement to AWS.
func (b body) claims() Claims {
	c := Claims{Issued: b.time("iat"), Expires: b.time("exp")}
	_ = json.Unmarshal(b["iss"], &c.Issuer) // "" where it is no string
	_ = json.Unmarshal(b["sub"], &c.Subject)
	var one string
	if json.Unmarshal(b["aud"], &one) == nil {
		c.Audience = []string{one}
	} else {
		_ = json.Unmarshal(b["aud"], &c.Audience) // "" for what is no string in a list
	}
	c.Audience = slices.DeleteFunc(c.Audience, func(a string) bool { return a == "" })
	return c
}

// time is a NumericDate, which may have a fraction; zero for what is none or lies beyond the year 5138.
func (b body) time(name string) time.Time {
	var seconds float64
	if json.Unmarshal(b[name], &seconds) != nil || seconds <= 0 || seconds > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
