package broker

import (
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

func TestCredentialsOfAnotherAccountAreNeverHandedOut(t *testing.T) {
	g := &rolemap.Grant{Environment: "qa", Account: "222222222222"}
	if err := guard(g, "222222222222", "x"); err != nil {
		t.Error(err)
	}
	for _, account := range []string{"111111111111", "", "2222222222222"} {
		if err := guard(g, account, "x"); problem.CodeOf(err) != problem.Refused {
			t.Errorf("account %q passes: %v", account, err)
		}
	}
}

func TestSTSRegion(t *testing.T) {
	for _, tt := range []struct {
		partition, of, variable, profile, want string
	}{
		{"aws", "eu-west-1", "us-west-2", "us-east-2", "eu-west-1"},
		{"aws", "", "us-west-2", "us-east-2", "us-west-2"},
		{"aws", "", "", "us-east-2", "us-east-2"},
		{"aws", "", "", "", "us-east-1"},
		{"aws-cn", "", "us-west-2", "us-east-2", "cn-north-1"}, // a region of another partition is passed over
		{"aws-us-gov", "", "us-gov-east-1", "", "us-gov-east-1"},
		{"aws", "", "evil.example", "", "us-east-1"},
	} {
		b := &Broker{Env: paths.Env{"AWS_REGION": tt.variable}}
		got := b.stsRegion(tt.partition, tt.of, tt.profile)
		if got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}
