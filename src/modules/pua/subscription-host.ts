/** What the registry of subscriptions does for one of them. */
import type { Subscription } from "./api.ts";
import type { Dialog } from "./dialog.ts";

export interface SubscriptionHost {
  /** NOTIFYs of this dialog belong to the subscription from now on. */
  dialogOpened(subscription: Subscription, dialog: Dialog): void;
  dialogClosed(dialog: Dialog): void;
  ended(subscription: Subscription): void;
}
