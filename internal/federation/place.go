package federation

import (
	"slices"
	"strings"

	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

// Place is where in the console the browser arrives.
type Place struct {
	Partition string // aws, aws-cn, aws-us-gov, …
	Region    string // "" for the one that the person was in last
	Service   string // as in the console's addresses: ec2, states; "" for the console's home
}

// domains are what the hosts of sign-in and console end with: signin.… and console.…. The first three and aws-eusc are in AWS's
// own pages on federation; the others in the rules for the endpoints of the service signin (botocore and the AWS SDK for Go).
var domains = [...]struct{ partition, domain string }{
	{"aws", "aws.amazon.com"},
	{"aws-cn", "amazonaws.cn"},
	{"aws-us-gov", "amazonaws-us-gov.com"},
	{"aws-eusc", "amazonaws-eusc.eu"},
	{"aws-iso", "c2shome.ic.gov"},
	{"aws-iso-b", "sc2shome.sgov.gov"},
	{"aws-iso-e", "csphome.adc-e.uk"},
	{"aws-iso-f", "csphome.hci.ic.gov"},
}

// domain is "" for a partition that is none.
func (p Place) domain() string {
	for _, d := range domains {
		if d.partition == p.Partition {
			return d.domain
		}
	}
	return ""
}

// Check is a *problem.Error of code Usage for what would lead elsewhere.
func (p Place) Check() error {
	switch {
	case p.domain() == "":
		return problem.New(problem.Usage, "the console of partition %s is not known", p.Partition)
	case p.Region != "" && !partition.IsRegion(p.Region):
		return problem.New(problem.Usage, "%s is no AWS region", p.Region).WithHint("a region looks like eu-west-1")
	case p.Region != "" && partition.Of(p.Region) != p.Partition:
		return problem.New(problem.Usage, "%s is a region of %s, and the credentials are for %s", p.Region, partition.Of(p.Region), p.Partition)
	case p.Service != "" && (len(p.Service) > 64 || strings.Trim(p.Service, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""):
		return problem.New(problem.Usage, "%s is no service of the console", p.Service).
			WithHint("a service is called as in the console's address: ec2, s3, cloudwatch")
	}
	return nil
}

// signin is the host that gives tokens. That of the European cloud has a region in its name, and no other.
func (p Place) signin() string {
	if p.Partition == "aws-eusc" {
		return partition.Region(p.Partition) + ".signin." + p.domain()
	}
	return "signin." + p.domain()
}

// page is the address of the place.
func (p Place) page() string {
	service := p.service()
	if service == "" {
		service = "console"
	}
	if p.Region == "" {
		return "https://console." + p.domain() + "/" + service + "/home"
	}
	return "https://" + p.Region + ".console." + p.domain() + "/" + service + "/home?region=" + p.Region
}

// otherwise are the services that the AWS CLI calls by another name than the console.
var otherwise = [...][2]string{{"ssm", "systems-manager"}, {"stepfunctions", "states"}, {"logs", "cloudwatch"}, {"cognito-idp", "cognito"}}

func (p Place) service() string {
	i := slices.IndexFunc(otherwise[:], func(pair [2]string) bool { return pair[0] == p.Service })
	if i >= 0 {
		return otherwise[i][1]
	}
	return p.Service
}
