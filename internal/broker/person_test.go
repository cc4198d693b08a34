package broker

import (
	"testing"

	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// One session for all: it depends neither on the environment nor on a region, and is used to its end.
func TestMFASessionIsOneForAll(t *testing.T) {
	b := &Broker{}
	c := &source.Choice{StartIdentity: "alice's keys and device", Identity: "with a role", Login: "alice", MFA: &source.MFA{Serial: "arn:aws:iam::111111111111:mfa/alice"}}
	first := (&walk{Broker: b, first: First{Choice: c}}).wantMFA()
	other := *c
	other.Identity, other.Settings.Region = "with another role", "eu-west-1"
	second := (&walk{Broker: b, grant: &rolemap.Grant{Environment: "qa", Region: "us-east-2"}, first: First{Choice: &other}}).wantMFA()
	if first.Key != second.Key || !first.ToTheEnd || first.Login != "alice" {
		t.Errorf("%+v\n%+v", first, second)
	}
	other.StartIdentity = "bob's"
	if third := (&walk{Broker: b, first: First{Choice: &other}}).wantMFA(); third.Key == first.Key {
		t.Error("bob's session is alice's")
	}
}
