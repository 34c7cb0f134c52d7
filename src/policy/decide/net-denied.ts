/** Addresses that no wide rule opens: services that hand out credentials to whoever asks from inside the machine. A rule must name them to reach them. */

export interface DeniedRange {
  /** As in a flag, without port. */
  readonly range: string;
  readonly why: string;
}

export const deniedRanges: readonly DeniedRange[] = [
  { range: '169.254.0.0/16', why: 'link-local: where cloud providers serve instance metadata and credentials' },
  { range: '169.254.169.254', why: 'instance metadata and credentials of AWS, Google Cloud, Azure and others' },
  { range: '169.254.170.2', why: 'credentials of AWS ECS tasks' },
  { range: '169.254.170.23', why: 'credentials of AWS EKS pods' },
  { range: '100.100.100.200', why: 'instance metadata of Alibaba Cloud' },
  { range: '168.63.129.16', why: 'the Azure host: agent secrets and certificates' },
  { range: '192.0.0.192', why: 'instance metadata of Oracle Cloud' },
  { range: '[fe80::/10]', why: 'link-local: where cloud providers serve instance metadata and credentials' },
  { range: '[fd00:ec2::254]', why: 'instance metadata and credentials of AWS' },
  { range: '[fd00:ec2::23]', why: 'credentials of AWS EKS pods' },
  { range: '[fd20:ce::254]', why: 'instance metadata and credentials of Google Cloud' },
  { range: '[fd00:42::42]', why: 'instance metadata of Scaleway' },
];
