package partition

import "testing"

func TestRegionsAndTheirPartitions(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "aws", "us-east-1": "aws", "ap-southeast-7": "aws", "mars-north-9": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
	} {
		if got := Of(region); got != want || !IsRegion(region) {
			t.Errorf("%s: %s, a region: %v", region, got, IsRegion(region))
		}
	}
	if DNS("cn-north-1") != "amazonaws.com.cn" || DNS("eu-west-1") != "amazonaws.com" {
		t.Error("domains")
	}
}

func TestEveryPartitionHasARegionOfItsOwn(t *testing.T) {
	for _, name := range Names() {
		if region := Region(name); !IsRegion(region) || Of(region) != name || !Known(name) {
			t.Errorf("%s: %s of %s", name, region, Of(region))
		}
	}
	if Region("aws-moon") != "" || Known("aws-moon") || Known("") {
		t.Error("a partition that is none")
	}
}

func TestWhatARegionIsMadeOfNeverLeavesItsHost(t *testing.T) {
	for _, s := range []string{"", "-1", "eu", "eu-1", "eu-west", "eu-west-1a", "eu-west-123", "evil.example/", "eu-west-1.evil", "eu-west-1@x", "EU-west-1", "a-b-c-d-e-1", "x-west-1", "eu--1"} {
		if IsRegion(s) {
			t.Errorf("%q passes for a region", s)
		}
	}
}

func TestPartitionOfAnARN(t *testing.T) {
	for arn, want := range map[string]string{"arn:aws-cn:iam::1:role/x": "aws-cn", "arn:{p}:iam": "{p}", "aws": "", "arn:aws": "", "": ""} {
		if got := OfARN(arn); got != want {
			t.Errorf("%s: %q", arn, got)
		}
	}
}
