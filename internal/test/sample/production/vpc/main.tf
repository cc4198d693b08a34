terraform {
  backend "s3" {
    bucket = "acme-terraform-state-production"
    key    = "vpc.tfstate"
  }
}

module "vpc" {
  source = "../../modules/vpc"
  name   = "production"
}
