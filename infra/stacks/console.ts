import { CfnOutput, Duration, RemovalPolicy } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  CfnOriginAccessControl,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersReferrerPolicy,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { consoleHeaders, PAGE_ADDRESS_FUNCTION } from "../console-http.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { areRegional, named, namedOnce } from "../constructs/names.ts";
import { SluiceStack } from "./sluice-stack.ts";

/** The deployer's own domain name for the console. */
interface ConsoleDomain {
  readonly name: string;
  /** A certificate for the domain in us-east-1, where CloudFront requires it. */
  readonly certificateArn: string;
}

export interface ConsoleStackProps {
  readonly domain: ConsoleDomain | undefined;
  readonly webAclArn: string | undefined;
  /** Name of the bucket of the access log. CloudFront writes to it by ACL. */
  readonly logBucket: string | undefined;
  /** Origins of the deployer's own issuer; by default the user pool's. */
  readonly issuerOrigins: readonly string[] | undefined;
}

/**
 * A private bucket behind a CloudFront distribution, which serves the console. It depends neither on the API nor on the user pool,
 * because both depend on its address. ConsoleContentStack fills the bucket last.
 */
export class ConsoleStack extends SluiceStack {
  readonly bucket: IBucket;
  readonly host: string;
  readonly origin: string;

  constructor(scope: Construct, { issuerOrigins, ...settings }: ConsoleStackProps) {
    super(scope, "sluice-console", { description: "Sluice: hosting of the console" });
    const { domain } = settings;
    this.bucket = this.makeBucket();
    const behavior = this.behaviorOf(issuerOrigins ?? this.userPoolOrigins());
    const distribution = this.makeDistribution(behavior, settings);
    this.host = domain?.name ?? distribution.distributionDomainName;
    this.origin = `https://${this.host}`;
    // Always exported: while this stack gets a custom domain, other stacks still refer to CloudFront's domain name.
    this.exportValue(distribution.distributionDomainName);

    new CfnOutput(this, "url", { value: this.origin, description: "URL of the console" });
    new CfnOutput(this, "bucketName", {
      value: this.bucket.bucketName,
      description: "Bucket of the console's files",
    });
    if (domain !== undefined) {
      new CfnOutput(this, "alias", {
        value: distribution.distributionDomainName,
        description: "Target for the DNS record of the console's domain (CNAME or ALIAS)",
      });
    }
  }

  /**
   * Hosts are given as patterns: the pool and the API are created after the distribution, because their settings (callback URL,
   * CORS) contain its address, so their names are not known here. The regional host serves the discovery document; the pool's
   * domain serves the token endpoint.
   */
  private userPoolOrigins(): readonly string[] {
    return [
      `https://cognito-idp.${this.region}.amazonaws.com`,
      `https://*.auth.${this.region}.amazoncognito.com`,
    ];
  }

  private makeBucket(): IBucket {
    const bucket = new Bucket(this, "files", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // A deployment recreates all content of the bucket.
      versioned: false,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(bucket, {
      S1: "Only CloudFront reads it, and the files are the same for everybody. The API's log records who did what.",
    });
    // `isWebsite`, which is not used here, may be undefined in the class but not in the interface.
    return bucket as IBucket;
  }

  private behaviorOf(issuerOrigins: readonly string[]): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(this.bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      compress: true,
      responseHeadersPolicy: this.makeHeaders([
        `https://*.execute-api.${this.region}.amazonaws.com`,
        ...issuerOrigins,
      ]),
    };
  }

  /** The local stack's headers under CloudFront's names, and Strict-Transport-Security. */
  private makeHeaders(connectTo: readonly string[]): ResponseHeadersPolicy {
    const { "content-security-policy": contentSecurityPolicy } = consoleHeaders(connectTo);
    return new ResponseHeadersPolicy(this, "headers", {
      ...(areRegional(this) && { responseHeadersPolicyName: namedOnce(this, "sluice-console") }),
      comment: "Sluice: the console",
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: false,
          override: true,
        },
      },
    });
  }

  private makeDistribution(
    behavior: BehaviorOptions,
    { domain, webAclArn, logBucket }: Omit<ConsoleStackProps, "issuerOrigins">,
  ): Distribution {
    const pages = new EdgeFunction(this, "pages", {
      ...(areRegional(this) && { functionName: namedOnce(this, "sluice-console") }),
      code: FunctionCode.fromInline(PAGE_ADDRESS_FUNCTION),
      runtime: FunctionRuntime.JS_2_0,
      comment: "Sluice: the console's page for each of its addresses",
    });
    const own: Partial<DistributionProps> =
      domain === undefined
        ? {}
        : {
            domainNames: [domain.name],
            certificate: Certificate.fromCertificateArn(this, "certificate", domain.certificateArn),
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          };
    const distribution = new Distribution(this, "distribution", {
      comment: "Sluice: the console",
      priceClass: PriceClass.PRICE_CLASS_100,
      httpVersion: HttpVersion.HTTP2_AND_3,
      enableIpv6: true,
      ...own,
      ...(webAclArn !== undefined && { webAclId: webAclArn }),
      ...(logBucket !== undefined && {
        enableLogging: true,
        logBucket: Bucket.fromBucketName(this, "log-bucket", logBucket),
        logFilePrefix: named(this, "sluice-console"),
      }),
      defaultBehavior: {
        ...behavior,
        cachePolicy: new CachePolicy(this, "as-told", {
          ...(areRegional(this) && { cachePolicyName: namedOnce(this, "sluice-console") }),
          comment: "Sluice: as long as the file's Cache-Control says, and no longer",
          minTtl: Duration.seconds(0),
          defaultTtl: Duration.seconds(0),
          maxTtl: Duration.days(365),
          enableAcceptEncodingGzip: true,
          enableAcceptEncodingBrotli: true,
        }),
        functionAssociations: [{ function: pages, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: { "/assets/*": { ...behavior, cachePolicy: CachePolicy.CACHING_OPTIMIZED } },
    });
    if (areRegional(this))
      for (const made of distribution.node.findAll())
        if (made instanceof CfnOriginAccessControl)
          made.addPropertyOverride("OriginAccessControlConfig.Name", namedOnce(this, "sluice-console"));
    acknowledge(distribution, {
      CFR1: "Users may sign in from anywhere, and the files are not secret.",
      ...(webAclArn === undefined && {
        CFR2: "A web ACL has a monthly price even without use, and all files are public.",
      }),
      ...(logBucket === undefined && {
        CFR3: "The log would only contain reads of public files. The API's log records who did what.",
      }),
      ...(domain === undefined && {
        CFR4: "Without a custom domain it uses CloudFront's certificate, for which CloudFront sets the TLS versions.",
      }),
    });
    return distribution;
  }
}
