package source

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const people = "sso_session = s\nsso_account_id = 111111111111\nsso_role_name = Admin\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1\n"

// Whatever decides whose the credentials are makes another identity, and nothing else does.
func TestOtherCredentialsAreAnotherIdentity(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"pod": jwt("https://x", "pod"), "same": jwt("https://x", "pod"), "other": jwt("https://x", "other")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys := "aws_access_key_id = " + longID + "\naws_secret_access_key = " + secretKey + "\n"
	role := "role_arn = " + roleA + "\nsource_profile = base\n"
	pod := "role_arn = " + roleA + "\nweb_identity_token_file = " + dir + string(filepath.Separator)
	// Each line is one identity; the profiles in it are the same.
	groups := [][]string{
		{keys, keys + "region = eu-west-1\nmfa_process = x\nduration_seconds = 900\n"},
		{strings.Replace(keys, longID, otherID, 1)},
		{keys + "mfa_serial = " + mfaA, keys + "duration_seconds = 3600\nmfa_process = " + password + "\nmfa_serial = " + mfaA},
		{keys + "mfa_serial = " + mfaB},
		{role, role + "region = us-east-1\n"},
		{strings.Replace(role, roleA, roleB, 1)},
		{role + "mfa_serial = " + mfaA},
		{strings.Replace(role, roleA, `arn:aws:iam::111111111111:role/"\\/a`, 1)},
		{role + "external_id = xy"}, {role + "external_id = yx"}, {role + "role_session_name = xy"},
		{role + "duration_seconds = 900"},
		{strings.Replace(role, "base", "role", 1) + "[profile role]\n" + role},
		{strings.Replace(role, "base", "role", 1) + "[profile role]\n" + role + "external_id = xy\n"},
		{pod + "pod", pod + "same"}, {pod + "other"},
		{people, people + "sso_registration_scopes = a, b\n"},
		{strings.Replace(people, "Admin", "Read", 1)}, {strings.Replace(people, "111111111111", "222222222222", 1)},
		{strings.Replace(people, "start/", "begin/", 1)}, {strings.Replace(people, "eu-west-1", "us-east-1", 1)},
		{strings.ReplaceAll(strings.ReplaceAll(people, "sso_session = s", "sso_session = t"), "sso-session s", "sso-session t")},
		{"credential_process = tool"}, {"credential_process = tool --password " + password},
		{"role_arn = " + roleA + "\ncredential_source = Environment"}, {"role_arn = " + roleA + "\ncredential_source = EcsContainer"},
		{"role_arn = " + roleA + "\ncredential_source = Ec2InstanceMetadata"},
	}
	env := paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/" + password}
	seen := map[string]string{}
	for _, group := range groups {
		one := ""
		for _, text := range group {
			c, _, err := at(t, env, "[profile corp]\n"+text, "[base]\n"+keysOf(longID, secretKey, "")).choose(t, []Entry{profile("corp")})
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid([]byte(c.Identity)) || !json.Valid([]byte(c.StartIdentity)) {
				t.Errorf("%s is no JSON", c.Identity)
			}
			if one != "" && c.Identity != one {
				t.Errorf("%s\nand %s\nare two identities of\n%s", one, c.Identity, text)
			}
			one = c.Identity
		}
		if other, ok := seen[one]; ok {
			t.Errorf("one identity, %s, of\n%s\nand\n%s", one, group[0], other)
		}
		seen[one] = group[0]
	}
}

// One client's AWS files were left for another's, and the first one's keys were served on: the line is the same.
func TestAProgramWithOtherAWSFilesIsAnother(t *testing.T) {
	p := at(t, paths.Env{}, "[profile corp]\ncredential_process = tool\n", "")
	identity := func() string {
		t.Helper()
		c, _, err := p.choose(t, []Entry{profile("corp")})
		if err != nil {
			t.Fatal(err)
		}
		return c.Identity
	}
	first := identity()
	if identity() != first {
		t.Error("it is another one each time")
	}
	other := at(t, paths.Env{}, "[profile corp]\ncredential_process = tool\n", "")
	if c, _, err := other.choose(t, []Entry{profile("corp")}); err != nil || c.Identity == first {
		t.Errorf("%v %v", c, err)
	}
}

// Keys of variables may be somebody else's than a profile's, whatever their id says.
func TestKindIsPartOfTheIdentity(t *testing.T) {
	p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}, "", "[default]\n"+keysOf(longID, secretKey, ""))
	inEnvironment, _, err := p.choose(t, []Entry{environment})
	if err != nil {
		t.Fatal(err)
	}
	inProfile, _, err := p.choose(t)
	if err != nil || inEnvironment.Identity == inProfile.Identity {
		t.Errorf("%s, %v", inProfile.Identity, err)
	}
}

// One code for all: what is logged in to does not depend on the role that comes after it.
func TestOneLoginForAllRoles(t *testing.T) {
	config := "[profile a]\nrole_arn = " + roleA + "\nsource_profile = base\nmfa_serial = " + mfaA + "\nduration_seconds = 900\n" +
		"[profile b]\nrole_arn = " + roleB + "\nsource_profile = a\n[profile base]\nmfa_serial = " + mfaA + "\n" +
		"[profile plain]\nrole_arn = " + roleA + "\nsource_profile = bare\n" +
		"[profile admin]\n" + people + "[profile reader]\n" + strings.ReplaceAll(people[:strings.Index(people, "[")], "Admin", "Read") +
		"[profile auditor]\nrole_arn = " + roleA + "\nsource_profile = reader\n[profile tool]\ncredential_process = x\n"
	p := at(t, onGitHub(), config, "[base]\n"+keysOf(longID, secretKey, "")+"[bare]\n"+keysOf(otherID, secretKey, ""))
	of := func(e Entry) *Choice {
		t.Helper()
		c, _, err := p.choose(t, []Entry{e})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := of(profile("base"))
	if want := `{"kind":"static","access_key_id":"` + longID + `","mfa_serial":"` + mfaA + `"}`; base.Login != want || base.StartIdentity != want || base.Identity != want {
		t.Errorf("got %s, %s, %s", base.Login, base.StartIdentity, base.Identity)
	}
	for _, name := range []string{"a", "b"} {
		if c := of(profile(name)); c.Login != base.Login || c.StartIdentity != base.StartIdentity || c.Identity == base.Identity {
			t.Errorf("%s: %s of %s", name, c.Identity, c.StartIdentity)
		}
	}
	session := of(Entry{Kind: "sso", Name: "s"})
	for _, e := range []Entry{profile("admin"), profile("reader"), profile("auditor"), {Kind: "sso", Name: "s", Account: "222222222222", PermissionSet: "x"}} {
		if c := of(e); c.Login != session.Login || c.Login == "" || c.StartIdentity == session.StartIdentity {
			t.Errorf("%s: login %s, session %s", e, c.Login, session.Login)
		}
	}
	if of(profile("reader")).StartIdentity != of(profile("auditor")).StartIdentity {
		t.Error("a role makes another start")
	}
	for _, e := range []Entry{profile("plain"), profile("bare"), profile("tool"), system("github"), {Kind: "instance"}} {
		if c := of(e); c.Login != "" {
			t.Errorf("%s: nobody can log in to %s", e, c.Login)
		}
	}
}

// An environment's own permission set is the same one as if the source had named it.
func TestPermissionSetOfAnEnvironment(t *testing.T) {
	p := at(t, nil, "[profile corp]\n"+people+"[profile bare]\nsso_session = s\n[profile role]\nrole_arn = "+roleA+"\nsource_profile = corp\n", "[keys]\n"+keysOf(longID, secretKey, ""))
	of := func(e Entry) *Choice {
		t.Helper()
		c, _, err := p.choose(t, []Entry{e})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	named := of(Entry{Kind: "sso", Name: "s", Account: "111111111111", PermissionSet: "Admin"})
	if ofProfile := of(profile("corp")); ofProfile.Identity != named.Identity {
		t.Errorf("%s by a profile, %s by an entry", ofProfile.Identity, named.Identity)
	}
	for _, e := range []Entry{{Kind: "sso", Name: "s"}, profile("bare"), profile("corp")} {
		bare := of(e)
		before := *bare.SSO
		filled, err := bare.For("111111111111", "Admin")
		if err != nil || filled.Identity != named.Identity || filled.StartIdentity != named.StartIdentity || filled.Login != named.Login ||
			filled.Description != e.String()+" (permission set Admin in account 111111111111, sso-session s)" ||
			filled.SSO.Account != "111111111111" || filled.SSO.PermissionSet != "Admin" || filled.Whole() != nil {
			t.Errorf("%v\ngot  %+v\nwant %+v", err, filled, named)
		}
		if bare.SSO.Account != before.Account || bare.SSO.PermissionSet != before.PermissionSet {
			t.Error("the first one was changed")
		}
		if other, err := bare.For("222222222222", "Admin"); err != nil || other.Identity == filled.Identity {
			t.Error("two accounts are one identity")
		}
		err = bare.Whole()
		if (err == nil) != (before.PermissionSet != "") {
			t.Errorf("%s: %v", e, err)
		}
		if p, ok := errors.AsType[*problem.Error](err); ok && strings.Contains(p.Hint, "aws configure sso") != (e.Kind == "profile") {
			t.Errorf("%s: %s", e, p.Hint)
		}
	}
	for _, e := range []Entry{profile("keys"), profile("role")} { // the role is not the permission set's
		c := of(e)
		if _, err := c.For("111111111111", "Admin"); problem.CodeOf(err) != problem.LoginNeeded {
			t.Errorf("%s gives a permission set: %v", e, err)
		}
		if err := c.Whole(); err != nil {
			t.Error(err)
		}
	}
}
