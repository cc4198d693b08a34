package assume

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakests"
)

func TestEachHopIsSignedWithTheKeysOfTheOneBefore(t *testing.T) {
	w := newWorld(t, nil)
	before := time.Now()
	m, err := w.chain(t, hub, spoke, deploy)
	if err != nil {
		t.Fatal(err)
	}
	calls := w.Calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	callers := []string{alice, "arn:aws:sts::111111111111:assumed-role/hub/test", "arn:aws:sts::222222222222:assumed-role/spoke/test"}
	for i, c := range calls {
		if c.Caller != callers[i] || i > 0 && c.AccessKeyID != calls[i-1].Minted || c.Seconds != 3600 || c.Region != "eu-west-1" {
			t.Errorf("hop %d: %+v", i+1, c)
		}
		if !strings.Contains(c.UserAgent, "whichrole/test") {
			t.Errorf("user agent %q", c.UserAgent)
		}
	}
	k := m.Credentials
	if k.AccessKeyID != calls[2].Minted || k.AccountID != "333333333333" || k.SessionToken.Empty() || k.SecretAccessKey.Empty() {
		t.Errorf("%+v", k)
	}
	if life := k.Expires.Sub(before); life < 59*time.Minute || life > 61*time.Minute || k.Expires.Location() != time.UTC || k.Expires.Nanosecond() != 0 {
		t.Errorf("expires %v", k.Expires)
	}
	if m.RoleARN != deploy || m.AssumedRoleARN != "arn:aws:sts::333333333333:assumed-role/deploy/test" ||
		m.RequestID != "00000000-0000-4000-8000-000000000003" {
		t.Errorf("%+v", m)
	}
	account, arn, err := w.client.Identity(context.Background(), Start{Signer: "us", Credentials: k})
	if err != nil || account != "333333333333" || arn != m.AssumedRoleARN {
		t.Errorf("%s %s %v", account, arn, err)
	}
}

func TestEveryParameterArrives(t *testing.T) {
	w := newWorld(t, nil)
	_, err := w.hops(t, 10*time.Second, Hop{RoleARN: hub, SessionName: "alice@qa", Duration: 90 * time.Minute, ExternalID: "sesame", SourceIdentity: "alice",
		Tags: []Tag{{"env", "qa"}, {"team", "infra + co"}}, TransitiveTagKeys: []string{"env"}, Policy: `{"Version":"2012-10-17"}`,
		PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}})
	if err != nil {
		t.Fatal(err)
	}
	got := w.Calls()[0]
	want := fakests.Call{Time: got.Time, Action: "AssumeRole", Caller: alice, AccessKeyID: w.base.AccessKeyID, Region: "eu-west-1", UserAgent: got.UserAgent,
		Role: hub, SessionName: "alice@qa", Seconds: 5400, ExternalID: "sesame", SourceIdentity: "alice", Tags: map[string]string{"env": "qa", "team": "infra + co"},
		TransitiveTagKeys: []string{"env"}, Policy: `{"Version":"2012-10-17"}`,
		PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}, Minted: got.Minted}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// What AWS says no to.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		fault   fakests.Fault
		prepare func(*world)
		hops    []Hop
		want    failure
	}{
		"the first role is closed": {
			hops: []Hop{{RoleARN: spoke}},
			want: failure{problem.Refused, []string{"cannot assume " + spoke + " (hop 1 of 1, signed by profile corp, request id 00000000-0000-4000-8000-000000000001): AccessDenied: User: " + alice + " is not authorized"},
				"the trust policy of " + spoke + " must allow " + alice},
		},
		"the third role is closed": {
			hops:  []Hop{{RoleARN: hub}, {RoleARN: spoke}, {RoleARN: deploy}},
			fault: fakests.Fault{Kind: fakests.Refuse, Role: deploy},
			want:  failure{problem.Refused, []string{"cannot assume " + deploy, "hop 3 of 3, signed by " + spoke, "AccessDenied"}, "the trust policy of " + deploy + " must allow " + spoke},
		},
		"an external id that does not help": {
			hops: []Hop{{RoleARN: spoke, ExternalID: "sesame"}},
			want: failure{problem.Refused, []string{"AccessDenied"}, "with this external_id"},
		},
		"tags are not allowed": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: sts:TagSession on resource: y"},
			want:  failure{problem.Refused, []string{"sts:TagSession"}, "must allow profile corp sts:TagSession"},
		},
		"an organization denies": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.Scripted, Status: 403, Code: "AccessDenied", Message: "… with an explicit deny in a service control policy"},
			want:  failure{problem.Refused, nil, "denies this explicitly"},
		},
		"an unknown key": {
			hops:    []Hop{{RoleARN: hub}},
			prepare: func(w *world) { w.base.AccessKeyID = "ASIANOBODYNOBODYNOBO" },
			want:    failure{problem.Refused, []string{"signed by profile corp", "InvalidClientTokenId: The security token included in the request is invalid"}, "the access key of profile corp is unknown"},
		},
		"a role of another partition": {
			hops:    []Hop{{RoleARN: "arn:aws-cn:iam::111111111111:role/hub"}},
			prepare: func(w *world) { w.base.AccessKeyID = "ASIANOBODYNOBODYNOBO" },
			want:    failure{problem.Refused, []string{"InvalidClientTokenId"}, "the role is in partition aws-cn, but region eu-west-1 belongs to aws"},
		},
		"another secret": {
			hops:    []Hop{{RoleARN: hub}},
			prepare: func(w *world) { w.base.SecretAccessKey = creds.NewSecret("not-the-secret-of-alice") },
			want:    failure{problem.Refused, []string{"SignatureDoesNotMatch"}, "the secret access key of profile corp does not belong"},
		},
		"a session that has ended": {
			hops:  []Hop{{RoleARN: hub}, {RoleARN: spoke}},
			fault: fakests.Fault{Kind: fakests.Scripted, Role: spoke, Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"},
			want:  failure{problem.Refused, []string{"hop 2 of 2, signed by " + hub, "ExpiredToken"}, "has ended"},
		},
		"longer than the role allows": {
			hops: []Hop{{RoleARN: hub, Duration: 3 * time.Hour}},
			want: failure{problem.Refused, []string{"ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role"}, "asked for 3h: shorten duration"},
		},
		"role chaining over an hour": {
			hops: []Hop{{RoleARN: hub}, {RoleARN: spoke, Duration: 2 * time.Hour}},
			want: failure{problem.Refused, []string{"hop 2 of 2", "1 hour session limit"}, "lasts 1h at most"},
		},
		"STS is off in the region": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.RegionDisabled},
			want:  failure{problem.Refused, []string{"RegionDisabledException: STS is not activated"}, "activate STS in eu-west-1"},
		},
		"a large policy": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.PackedPolicy},
			want:  failure{problem.Refused, []string{"PackedPolicyTooLarge", "143%"}, "shorten policy"},
		},
		"a broken policy": {
			hops: []Hop{{RoleARN: hub, Policy: "{"}},
			want: failure{problem.Refused, []string{"MalformedPolicyDocument: Syntax errors in policy"}, "JSON policy document"},
		},
		"our clock is behind": {
			hops:    []Hop{{RoleARN: hub}},
			prepare: func(w *world) { w.client.Now = func() time.Time { return time.Now().Add(-12 * time.Minute) } },
			want:    failure{problem.Refused, []string{"SignatureDoesNotMatch: Signature expired:", "is now earlier than"}, "your clock is 12m behind AWS"},
		},
		"our clock is ahead": {
			hops:    []Hop{{RoleARN: hub}},
			prepare: func(w *world) { w.client.Now = func() time.Time { return time.Now().Add(190 * time.Minute) } },
			want:    failure{problem.Refused, []string{"Signature not yet current"}, "your clock is 3h10m ahead of AWS"},
		},
		"AWS's clock is ahead": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.Skew, By: fakests.Duration(2 * time.Hour)},
			want:  failure{problem.Refused, []string{"Signature expired"}, "your clock is 2h behind AWS"},
		},
		"a request that expired under way": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.Scripted, Status: 400, Code: "RequestExpired", Message: "Request has expired."},
			want:  failure{problem.Refused, []string{"RequestExpired: Request has expired"}, "look at the clock"},
		},
		"something new": {
			hops:  []Hop{{RoleARN: hub}},
			fault: fakests.Fault{Kind: fakests.Scripted, Status: 400, Code: "NeverSeenBefore", Message: "so what"},
			want:  failure{problem.Refused, []string{"NeverSeenBefore: so what"}, ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			if c.fault.Kind != "" {
				w.SetFaults(c.fault)
			}
			if c.prepare != nil {
				c.prepare(w)
			}
			for i := range c.hops {
				c.hops[i].SessionName = "test"
			}
			_, err := w.hops(t, 10*time.Second, c.hops...)
			w.fails(t, err, c.want)
			if n := w.Count(""); n != len(c.hops) {
				t.Errorf("%d calls for %d hops: a refusal must not be tried again", n, len(c.hops))
			}
		})
	}
}

func TestNothingToWorkWith(t *testing.T) {
	w := newWorld(t, nil)
	_, err := w.client.Chain(context.Background(), w.start(), nil)
	w.fails(t, err, failure{problem.Failure, []string{"no role"}, ""})
	_, err = w.client.Chain(context.Background(), Start{Signer: "profile corp"}, []Hop{{RoleARN: hub}})
	w.fails(t, err, failure{problem.LoginNeeded, []string{"profile corp holds no credentials"}, ""})
	_, _, err = w.client.Identity(context.Background(), Start{Signer: "profile corp", Credentials: creds.Credentials{AccessKeyID: "x"}})
	w.fails(t, err, failure{problem.LoginNeeded, []string{"profile corp holds no credentials"}, ""})
	if w.Count("") != 0 {
		t.Error("STS was asked")
	}
}

func TestIdentity(t *testing.T) {
	w := newWorld(t, nil)
	account, arn, err := w.client.Identity(context.Background(), Start{Signer: "environment", Credentials: w.base})
	if err != nil || account != "111111111111" || arn != alice {
		t.Errorf("%s %s %v", account, arn, err)
	}
	w.base.SecretAccessKey = creds.NewSecret("not-the-secret-of-alice")
	_, _, err = w.client.Identity(context.Background(), Start{Signer: "environment", Credentials: w.base})
	w.fails(t, err, failure{problem.Refused, []string{"cannot ask AWS whose credentials these are (signed by environment, request id", "SignatureDoesNotMatch"}, "secret access key of environment"})
	w.base.AccessKeyID = "ASIANOBODYNOBODYNOBO"
	_, _, err = w.client.Identity(context.Background(), Start{Signer: "environment", Credentials: w.base})
	w.fails(t, err, failure{problem.Refused, []string{"InvalidClientTokenId"}, "the access key of environment is unknown"})

	const body = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/x</Arn><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	w.SetFaults(fakests.Fault{Kind: fakests.Scripted, Status: 200, Body: body})
	_, _, err = w.client.Identity(context.Background(), Start{Signer: "environment", Credentials: w.base})
	w.fails(t, err, failure{problem.Refused, []string{"names no account that fits its ARN: 222222222222 arn:aws:iam::111111111111:user/x"}, ""})
}
