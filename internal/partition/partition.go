// Package partition knows the partitions of AWS, and which regions and ARNs belong to which.
package partition

import "strings"

// A partition, as botocore's partitions.json has it, and a region of it in which STS answers, for when nobody names one
// (the AWS page "Regions and endpoints in STS").
type partition struct{ name, prefix, dns, region string }

var all = []partition{
	{"aws", "", "amazonaws.com", "us-east-1"},
	{"aws-cn", "cn-", "amazonaws.com.cn", "cn-north-1"},
	{"aws-us-gov", "us-gov-", "amazonaws.com", "us-gov-west-1"},
	{"aws-iso", "us-iso-", "c2s.ic.gov", "us-iso-east-1"},
	{"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "us-isob-east-1"},
	{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "eu-isoe-west-1"},
	{"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "us-isof-south-1"},
	{"aws-eusc", "eusc-", "amazonaws.eu", "eusc-de-east-1"},
}

// Names are aws, aws-cn, aws-us-gov, …
func Names() []string {
	names := make([]string, 0, len(all))
	for _, p := range all {
		names = append(names, p.name)
	}
	return names
}

// Known tells whether there is a partition of that name.
func Known(name string) bool {
	for _, p := range all {
		if p.name == name {
			return true
		}
	}
	return false
}

// of is the partition that a region lies in: aws unless its prefix is another's.
func of(region string) partition {
	for _, p := range all[1:] {
		if strings.HasPrefix(region, p.prefix) {
			return p
		}
	}
	return all[0]
}

// Of is the name of the partition that a region lies in.
func Of(region string) string { return of(region).name }

// DNS is the domain under which AWS serves a region: amazonaws.com.
func DNS(region string) string { return of(region).dns }

// OfARN is what stands in an ARN for the partition; "" in what is no ARN.
func OfARN(arn string) string {
	rest, ok := strings.CutPrefix(arn, "arn:")
	name, _, more := strings.Cut(rest, ":")
	if !ok || !more {
		return ""
	}
	return name
}

// Region is a region of the partition of that name in which STS answers; "" for a name that is none.
func Region(name string) string {
	for _, p := range all {
		if p.name == name {
			return p.region
		}
	}
	return ""
}

// IsRegion knows the form only: two to four words of small letters, then a number, as in us-gov-west-1.
func IsRegion(s string) bool {
	end := strings.LastIndexByte(s, '-')
	if number := s[end+1:]; end < 0 || len(s) > 32 || len(number) > 2 || !consistsOf(number, '0', '9') {
		return false
	}
	words := 0
	for word := range strings.SplitSeq(s[:end], "-") {
		if !consistsOf(word, 'a', 'z') || words == 0 && len(word) < 2 {
			return false
		}
		words++
	}
	return words >= 2 && words <= 4
}

func consistsOf(s string, from, to byte) bool {
	for i := range len(s) {
		if s[i] < from || s[i] > to {
			return false
		}
	}
	return s != ""
}
