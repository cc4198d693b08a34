package oidc

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const noJWT = "is no JWT (three parts in base64url, with a point between)"

// What is no token may be another secret that lies where a token should.
func TestWhatIsNoTokenIsNotQuoted(t *testing.T) {
	const good = `{"sub":"s"}`
	for name, c := range map[string]struct{ token, flaw string }{
		"blanks":                {" \n\t", "is empty"},
		"a password":            {"hunter2-hunter2", noJWT},
		"two parts":             {"aGVsbG8.aGVsbG8", noJWT},
		"an encrypted token":    {formed("{}", good, "x") + ".eHh4.eHh4", noJWT},
		"nothing signed":        {formed(`{"alg":"none"}`, good, ""), noJWT},
		"padding":               {"e30=.e30=.eHh4eA==", noJWT},
		"base64, not for URLs":  {formed("{}", good, "x") + "+/", noJWT},
		"broken header":         {formed("{", good, "x"), noJWT},
		"header of null":        {formed("null", good, "x"), noJWT},
		"claims that are text":  {formed("{}", `"sub"`, "x"), noJWT},
		"claims of null":        {formed("{}", "null", "x"), noJWT},
		"claims with a rest":    {formed("{}", good+good, "x"), noJWT},
		"nested a million deep": {formed("{}", `{"a":`+strings.Repeat("[", 12000), "x"), noJWT},
		"a line inside":         {strings.Replace(formed("{}", good, "xxxx"), ".", "\n.", 1), noJWT},
		"too long":              {formed("{}", good, strings.Repeat("x", 15000)), "is 20020 characters long, and AWS takes 20000"},
	} {
		t.Run(name, func(t *testing.T) {
			secret := strings.TrimSpace(c.token)
			_, err := worldOf(paths.Env{"X": c.token}).get(t, Place{System: "env:X"}, secret)
			fails(t, err, problem.LoginNeeded, "env:X: X "+c.flaw, "")
			_, err = worldOf(paths.Env{"X": c.token}).Identity(Place{System: "env:X"})
			fails(t, err, problem.LoginNeeded, "env:X: X "+c.flaw, "")
		})
	}
}

func TestLongestTokenThatSTSTakes(t *testing.T) {
	token := formed("{}", `{"sub":"s"}`, strings.Repeat("x", 14985))
	token += strings.Repeat("A", maxToken-len(token))
	if got, err := worldOf(paths.Env{"X": token}).get(t, Place{System: "env:X"}, token); err != nil || len(got.Secret.Reveal()) != maxToken {
		t.Errorf("%d: %v", len(token), err)
	}
}

// AWS judges a token. What it claims in another form than usual must neither end the work nor be taken for something else.
func TestUnusualClaims(t *testing.T) {
	at := now.Add(5 * time.Minute)
	for name, c := range map[string]struct {
		payload string
		want    Claims
	}{
		"nothing":               {`{}`, Claims{}},
		"several audiences":     {`{"aud":["a","b"]}`, Claims{Audience: []string{"a", "b"}}},
		"odd audiences":         {`{"aud":["a",1,null,{},"b",""]}`, Claims{Audience: []string{"a", "b"}}},
		"audience of a number":  {`{"aud":5}`, Claims{}},
		"audience of null":      {`{"aud":null}`, Claims{}},
		"other types":           {`{"iss":1,"sub":["x"],"exp":"tomorrow","iat":{}}`, Claims{}},
		"a fraction":            {`{"exp":1795338300.75}`, Claims{Expires: at}},
		"written as 1e9":        {`{"exp":1.7953383e9}`, Claims{Expires: at}},
		"the end of time":       {`{"exp":1e300,"iat":-5}`, Claims{}},
		"beyond a float":        {`{"exp":1e999}`, Claims{}},
		"names in capitals":     {`{"Exp":1,"EXP":1,"Sub":"root","ISS":"i"}`, Claims{}},
		"said twice":            {`{"sub":"first","sub":"last"}`, Claims{Subject: "last"}},
		"half a surrogate pair": {`{"sub":"\ud800x"}`, Claims{Subject: "�x"}},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := worldOf(paths.Env{"X": formed("{}", c.payload, "x")}).get(t, Place{System: "env:X"})
			got := token.Claims
			if err != nil || got.Issuer != c.want.Issuer || got.Subject != c.want.Subject || !slices.Equal(got.Audience, c.want.Audience) || !got.Expires.Equal(c.want.Expires) || !got.Issued.Equal(c.want.Issued) {
				t.Errorf("got %#v, %v; want %#v", got, err, c.want)
			}
		})
	}
}
