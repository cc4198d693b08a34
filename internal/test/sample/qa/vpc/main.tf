terraform {
  backend "s3" {
    bucket = "acme-terraform-state-qa"
    key    = "vpc.tfstate"
  }
}

module "vpc" {
  source = "../../modules/vpc"
  name   = "qa"
}
