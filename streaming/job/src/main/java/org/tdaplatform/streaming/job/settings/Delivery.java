package org.tdaplatform.streaming.job.settings;

import org.apache.flink.connector.base.DeliveryGuarantee;

/** How results come into the log. */
public enum Delivery {
  /** At once; again after a restart, as the same bytes under the same name, of which the store takes the first. */
  AT_LEAST_ONCE(DeliveryGuarantee.AT_LEAST_ONCE),
  /** In transactions that end with a checkpoint: readers see a result up to a checkpoint's interval later, and once. */
  EXACTLY_ONCE(DeliveryGuarantee.EXACTLY_ONCE);

  private final DeliveryGuarantee guarantee;

  Delivery(DeliveryGuarantee guarantee) {
    this.guarantee = guarantee;
  }

  public DeliveryGuarantee guarantee() {
    return guarantee;
  }
}
