package federation

import (
	"net/url"
	"strings"
	"testing"

	"whichrole/internal/partition"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestEachPartitionHasItsOwnSignInAndConsole(t *testing.T) {
	for _, c := range []struct{ partition, signin, console, anywhere string }{
		{"aws", "https://signin.aws.amazon.com/federation", "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1", "https://console.aws.amazon.com/console/home"},
		{"aws-cn", "https://signin.amazonaws.cn/federation", "https://cn-north-1.console.amazonaws.cn/console/home?region=cn-north-1", "https://console.amazonaws.cn/console/home"},
		{"aws-us-gov", "https://signin.amazonaws-us-gov.com/federation", "https://us-gov-west-1.console.amazonaws-us-gov.com/console/home?region=us-gov-west-1", "https://console.amazonaws-us-gov.com/console/home"},
		{"aws-eusc", "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation", "https://eusc-de-east-1.console.amazonaws-eusc.eu/console/home?region=eusc-de-east-1", "https://console.amazonaws-eusc.eu/console/home"},
		{"aws-iso", "https://signin.c2shome.ic.gov/federation", "https://us-iso-east-1.console.c2shome.ic.gov/console/home?region=us-iso-east-1", "https://console.c2shome.ic.gov/console/home"},
		{"aws-iso-b", "https://signin.sc2shome.sgov.gov/federation", "https://us-isob-east-1.console.sc2shome.sgov.gov/console/home?region=us-isob-east-1", "https://console.sc2shome.sgov.gov/console/home"},
		{"aws-iso-e", "https://signin.csphome.adc-e.uk/federation", "https://eu-isoe-west-1.console.csphome.adc-e.uk/console/home?region=eu-isoe-west-1", "https://console.csphome.adc-e.uk/console/home"},
		{"aws-iso-f", "https://signin.csphome.hci.ic.gov/federation", "https://us-isof-south-1.console.csphome.hci.ic.gov/console/home?region=us-isof-south-1", "https://console.csphome.hci.ic.gov/console/home"},
	} {
		p := Place{Partition: c.partition, Region: partition.Region(c.partition)}
		signin, err := (&Client{Env: paths.Env{}}).endpoint(p)
		if err != nil || signin != c.signin || p.Check() != nil || p.page() != c.console {
			t.Errorf("%s: %s %s %v %v", c.partition, signin, p.page(), err, p.Check())
		}
		if p.Region = ""; p.Check() != nil || p.page() != c.anywhere {
			t.Errorf("%s: %s %v", c.partition, p.page(), p.Check())
		}
	}
	for _, name := range partition.Names() {
		if (Place{Partition: name}).Check() != nil {
			t.Errorf("%s has no console", name)
		}
	}
}

func TestServicesAreCalledAsInTheConsole(t *testing.T) {
	for service, path := range map[string]string{"ec2": "ec2", "stepfunctions": "states", "states": "states", "ssm": "systems-manager", "logs": "cloudwatch", "": "console"} {
		if page := (Place{Partition: "aws", Service: service}).page(); page != "https://console.aws.amazon.com/"+path+"/home" {
			t.Errorf("%s: %s", service, page)
		}
	}
}

// The browser is signed in when it gets there: an address that leads elsewhere would be a phisher's dream.
func TestPlaceNeverLeavesTheConsole(t *testing.T) {
	for _, p := range []Place{
		{Partition: "aws", Service: "../evil"}, {Partition: "aws", Service: "ec2/home"}, {Partition: "aws", Service: "ec2?x=1"}, {Partition: "aws", Service: "ec2#x"},
		{Partition: "aws", Service: "EC2"}, {Partition: "aws", Service: "e c2"}, {Partition: "aws", Service: `ec2\`}, {Partition: "aws", Service: "@evil.example"},
		{Partition: "aws", Service: strings.Repeat("x", 65)}, {Partition: "aws", Service: "ec2\n"}, {Partition: "aws", Service: "%2e%2e"},
		{Partition: "aws", Region: "evil.example/"}, {Partition: "aws", Region: "evil.example?"}, {Partition: "aws", Region: "eu-west-1.evil"}, {Partition: "aws", Region: "EU-WEST-1"},
		{Partition: "aws", Region: "cn-north-1"}, {Partition: "aws-cn", Region: "eu-west-1"}, {Partition: "aws-us-gov", Region: "us-east-1"},
		{}, {Partition: "aws-moon"}, {Partition: "evil.example/"},
	} {
		if err := p.Check(); problem.CodeOf(err) != problem.Usage {
			t.Errorf("%+v: %v", p, err)
		}
		if _, err := (&Client{Env: paths.Env{endpointSetting: "http://127.0.0.1:9"}, Log: t.Logf}).URL(t.Context(), session(), p); problem.CodeOf(err) != problem.Usage {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func FuzzPlaceNeverLeavesTheConsole(f *testing.F) {
	f.Add("aws", "eu-west-1", "ec2")
	f.Add("aws-cn", "cn-north-1", "..")
	f.Fuzz(func(t *testing.T, name, region, service string) {
		p := Place{Partition: name, Region: region, Service: service}
		if p.Check() != nil {
			return
		}
		u, err := url.Parse(p.page())
		if err != nil || u.Scheme != "https" || u.Host != strings.TrimPrefix(region+".", ".")+"console."+p.domain() || u.User != nil || !strings.HasSuffix(u.Path, "/home") || u.Fragment != "" {
			t.Errorf("%+v leads to %s", p, p.page())
		}
	})
}
