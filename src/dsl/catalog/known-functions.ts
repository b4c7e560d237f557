/** The script functions that each module of Kamailio 5.6.3 exports: names only. */

/** Modules of 5.6.3 with their functions, in one text each. */
export const kamailioFunctions: Readonly<Record<string, string>> = {
  acc: "acc_db_request acc_log_request acc_request",
  acc_diameter: "acc_diam_request",
  acc_json: "",
  alias_db: "alias_db_find alias_db_lookup",
  app_jsdt: "jsdt_dofile jsdt_dostring jsdt_run jsdt_runstring",
  app_sqlang: "sqlang_dofile sqlang_dostring sqlang_run sqlang_runstring",
  async:
    "async_ms_route async_ms_sleep async_route async_sleep async_task_data " +
    "async_task_group_data async_task_group_route async_task_route",
  auth:
    "auth_challenge auth_get_www_authenticate consume_credentials has_credentials " +
    "proxy_challenge pv_auth_check pv_proxy_authenticate pv_www_authenticate www_challenge",
  auth_db:
    "auth_check is_subscriber proxy_authenticate proxy_authorize www_authenticate " +
    "www_authorize",
  auth_diameter: "diameter_is_user_in diameter_proxy_authorize diameter_www_authorize",
  auth_identity:
    "auth_add_identity auth_date_proc vrfy_check_callid vrfy_check_certificate " +
    "vrfy_check_date vrfy_check_msgvalidity vrfy_get_certificate",
  auth_xkeys: "auth_xkeys_add auth_xkeys_check",
  avp:
    "append_attr_hf attr2uri attr_destination attr_equals attr_equals_xl attr_exists " +
    "attr_to_reply del_attr dump_attrs flags2attr hdr_body2attrs hdr_body2attrs2 " +
    "insert_attr_hf print_attr replace_attr_hf set_iattr set_sattr subst_attr xlfix_attr " +
    "xlset_attr xlset_destination",
  avpops:
    "avp_check avp_copy avp_db_delete avp_db_load avp_db_query avp_db_store avp_delete avp_op " +
    "avp_print avp_pushto avp_subst avp_subst_pv is_avp_set",
  benchmark: "bm_log_timer bm_start_timer",
  blst:
    "blst_add blst_add_retry_after blst_clear_ignore blst_del blst_is_blocklisted " +
    "blst_rpl_clear_ignore blst_rpl_set_ignore blst_set_ignore",
  call_control: "call_control",
  call_obj: "call_obj_free call_obj_get",
  carrierroute: "cr_next_domain cr_nofallback_route cr_route cr_user_carrier",
  cdp:
    "AAACreateRequest AAACreateResponse AAADropAuthSession AAADropSession AAAFreeAVPList " +
    "AAATerminateAuthSession cdp_check_peer cdp_has_app load_cdp",
  cdp_avp: "",
  cfg_db: "",
  cfg_rpc: "",
  cfgt: "",
  cfgutils:
    "abort check_route_exists core_hash is_gflag lock pkg_status pkg_summary rand_event " +
    "rand_get_prob rand_reset_prob rand_set_prob reset_gflag route_if_exists set_gflag " +
    "shm_status shm_summary sleep trylock unlock usleep",
  corex:
    "append_branch file_read file_write forward_reply is_faked_msg is_incoming is_socket_name " +
    "isxflagset msg_iflag_is_set msg_iflag_reset msg_iflag_set resetxflag send_data send_tcp " +
    "send_udp sendx set_recv_socket set_recv_socket_name set_send_socket set_send_socket_name " +
    "set_source_address via_add_srvid via_add_xavp_params via_use_xavp_fields",
  counters: "cnt_add cnt_inc cnt_reset",
  crypto:
    "crypto_aes_decrypt crypto_aes_encrypt crypto_hmac_sha256 crypto_netio_decrypt " +
    "crypto_netio_encrypt crypto_netio_out",
  ctl: "",
  db2_ops: "db_close db_first db_foreach db_next db_proper db_query db_seek",
  db_cluster: "",
  db_flatstore: "",
  db_mysql: "",
  db_postgres: "",
  db_sqlite: "",
  db_text: "",
  debugger: "dbg_breakpoint dbg_pv_dump dbg_sip_msg",
  dialog:
    "dlg_bridge dlg_bye dlg_db_load_callid dlg_db_load_extra dlg_get dlg_isflagset dlg_manage " +
    "dlg_refer dlg_remote_profile dlg_reset_property dlg_resetflag dlg_set_property " +
    "dlg_set_ruri dlg_set_timeout dlg_set_timeout_by_profile dlg_setflag get_profile_size " +
    "is_in_profile is_known_dlg set_dlg_profile terminate_dlg unset_dlg_profile",
  dialplan: "dp_match dp_reload dp_replace dp_translate",
  dispatcher:
    "ds_is_active ds_is_from_list ds_list_exists ds_load_unset ds_load_update ds_mark_dst " +
    "ds_next_domain ds_next_dst ds_reload ds_select ds_select_domain ds_select_dst " +
    "ds_select_routes ds_set_domain ds_set_dst",
  diversion: "add_diversion",
  dmq:
    "dmq_bcast_message dmq_handle_message dmq_is_from_node dmq_process_message " +
    "dmq_send_message dmq_t_replicate",
  dmq_usrloc: "",
  domain: "is_domain_local is_from_local is_uri_host_local lookup_domain",
  domainpolicy: "dp_apply_policy dp_can_connect",
  drouting: "do_routing goes_to_gw is_from_gw next_routing use_next_gw",
  enum: "enum_pv_query enum_query i_enum_query is_from_user_enum",
  evapi:
    "evapi_async_multicast evapi_async_relay evapi_async_unicast evapi_close evapi_multicast " +
    "evapi_relay evapi_set_tag evapi_unicast",
  evrexec: "",
  exec: "exec_avp exec_cmd exec_dset exec_msg",
  group: "get_user_group is_user_in",
  gzcompress: "",
  htable:
    "sht_has_name sht_has_str_value sht_iterator_end sht_iterator_next sht_iterator_rm " +
    "sht_iterator_setex sht_iterator_seti sht_iterator_sets sht_iterator_start sht_lock " +
    "sht_match_name sht_match_str_value sht_print sht_reset sht_rm sht_rm_name sht_rm_name_re " +
    "sht_rm_value sht_rm_value_re sht_setxi sht_setxs sht_unlock",
  http_client:
    "http_client_get http_client_query http_connect http_connect_raw http_get_content_type " +
    "http_get_redirect",
  imc: "imc_manager",
  ims_auth: "ims_proxy_authenticate ims_proxy_challenge ims_www_authenticate ims_www_challenge",
  ims_charging: "Ro_CCR Ro_set_session_id_avp app_provided_party_avp custom_user_avp",
  ims_dialog:
    "dlg_get dlg_isflagset dlg_resetflag dlg_setflag get_profile_size is_in_profile " +
    "is_known_dlg set_dlg_profile unset_dlg_profile",
  ims_diameter_server: "diameter_request diameter_request_async",
  ims_icscf:
    "I_perform_location_information_request I_perform_user_authorization_request I_scscf_drop " +
    "I_scscf_select",
  ims_ipsec_pcscf: "ipsec_create ipsec_destroy ipsec_forward",
  ims_isc: "isc_from_as isc_match_filter isc_match_filter_reg",
  ims_ocs: "ccr_result",
  ims_qos: "Rx_AAR Rx_AAR_Register",
  ims_registrar_pcscf:
    "pcscf_follows_service_routes pcscf_force_service_routes pcscf_is_registered pcscf_save " +
    "pcscf_save_pending",
  ims_registrar_scscf:
    "assign_server_unreg can_publish_reg can_subscribe_to_reg impu_registered lookup " +
    "lookup_path_to_contact publish_reg reg_fetch_contacts reg_free_contacts save " +
    "subscribe_to_reg term_impu_registered unregister",
  ims_usrloc_pcscf: "",
  ims_usrloc_scscf: "",
  ipops:
    "compare_ips compare_pure_ips detailed_ip_type detailed_ipv4_type detailed_ipv6_type " +
    "dns_int_match_ip dns_query dns_set_local_ttl dns_sys_match_ip ip_type is_in_subnet is_ip " +
    "is_ip_rfc1918 is_ipv4 is_ipv6 is_ipv6_reference is_pure_ip naptr_query srv_query",
  jansson:
    "jansson_append jansson_array_size jansson_get jansson_get_field jansson_set " +
    "jansson_xdecode jansson_xencode",
  janssonrpcc: "janssonrpc_notification",
  json: "json_get_field json_get_string",
  jsonrpcc: "jsonrpc_notification jsonrpc_request",
  jsonrpcs: "jsonrpc_dispatch jsonrpc_exec",
  keepalive: "ka_add_destination ka_del_destination ka_is_alive",
  kemix: "",
  kex:
    "is_myself isbflagset isdsturiset issflagset pv_printf resetbflag resetdebug resetdsturi " +
    "resetsflag",
  lcr:
    "defunct_gw defunct_gw_avp flags_avp from_any_gw from_gw gw_uri_avp inactivate_gw " +
    "lcr_id_avp load_gws mt_pv_values next_gw rule_id_avp ruri_user_avp tag_avp to_any_gw " +
    "to_gw",
  log_custom: "",
  lost: "lost lost_held_dereference lost_held_query lost_query",
  lrkproxy: "lrkproxy_manage set_lrkproxy_set",
  mangler: "decode_contact decode_contact_header encode_contact sdp_mangle_ip sdp_mangle_port",
  matrix: "matrix",
  maxfwd:
    "is_maxfwd_lt maxfwd_at_least maxfwd_process mf_lowlimit mf_process_maxfwd_header " +
    "process_maxfwd",
  mediaproxy: "end_media_session engage_media_proxy use_media_proxy",
  mohqueue: "mohq_count mohq_process mohq_retrieve mohq_send",
  mqueue: "mq_add mq_fetch mq_pv_free mq_size",
  msilo: "m_dump m_store",
  msrp:
    "msrp_cmap_lookup msrp_cmap_save msrp_is_reply msrp_is_request msrp_relay " +
    "msrp_relay_flags msrp_reply msrp_reply_flags msrp_set_dst",
  mtree: "mt_match",
  nat_traversal: "client_nat_test fix_contact nat_keepalive",
  nathelper:
    "add_contact_alias add_rcv_param fix_nated_contact fix_nated_register fix_nated_sdp " +
    "handle_ruri_alias is_rfc1918 nat_uac_test set_alias_to_pv set_contact_alias",
  nosip: "",
  outbound: "use_outbound",
  p_usrloc: "",
  path: "add_path add_path_received",
  pdb: "pdb_query",
  pdt: "pd_translate",
  permissions:
    "allow_address allow_address_group allow_register allow_routing allow_source_address " +
    "allow_source_address_group allow_trusted allow_uri peer_tag_avp",
  pike: "pike_check_ip pike_check_req",
  pipelimit: "pl_active pl_check pl_drop",
  prefix_route: "prefix_route",
  presence:
    "handle_publish handle_subscribe pres_auth_status pres_has_subscribers " +
    "pres_refresh_watchers pres_update_watchers",
  presence_conference: "",
  presence_dialoginfo: "",
  presence_mwi: "",
  presence_profile: "",
  presence_reginfo: "",
  presence_xml: "pres_check_activities pres_check_basic",
  pua: "pua_update_contact",
  pua_bla: "",
  pua_dialoginfo: "",
  pua_json: "pua_json_publish",
  pua_reginfo: "reginfo_handle_notify reginfo_subscribe",
  pua_rpc: "",
  pua_usrloc: "",
  pua_xmpp: "",
  pv:
    "is_int not_empty pv_evalx pv_isset pv_unset pv_var_to_xavp pv_xavi_print pv_xavp_print " +
    "pv_xavp_to_var pv_xavu_print sbranch_append sbranch_reset sbranch_set_ruri typeof " +
    "xavi_child_rm xavi_child_seti xavi_child_sets xavi_rm xavp_child_rm xavp_child_seti " +
    "xavp_child_sets xavp_copy xavp_params_explode xavp_params_implode xavp_rm " +
    "xavp_slist_explode xavu_params_explode xavu_params_implode",
  pv_headers:
    "pvh_append_header pvh_apply_headers pvh_check_header pvh_collect_headers " +
    "pvh_modify_header pvh_remove_header pvh_remove_header_param pvh_reset_headers",
  qos: "register_qoscb",
  ratelimit: "rl_check rl_check_pipe",
  regex: "pcre_match pcre_match_group",
  registrar:
    "add_sock_hdr lookup lookup_branches lookup_to_dset reg_fetch_contacts reg_free_contacts " +
    "reg_send_reply registered save unregister",
  rls: "rls_handle_notify rls_handle_subscribe rls_update_subs",
  rr:
    "add_rr_param check_route_param custom_user_avp get_route_param is_direction loose_route " +
    "loose_route_mode loose_route_preloaded record_route record_route_advertised_address " +
    "record_route_preset register_rrcb remove_record_route rr_next_hop_route",
  rtimer: "",
  rtjson: "rtjson_init_routes rtjson_next_route rtjson_push_routes rtjson_update_branch",
  rtpengine:
    "block_dtmf block_media play_dtmf play_media rtpengine_answer rtpengine_delete " +
    "rtpengine_info rtpengine_manage rtpengine_offer rtpengine_query rtpengine_query_v " +
    "set_rtpengine_set silence_media start_forwarding start_recording stop_forwarding " +
    "stop_media stop_recording unblock_dtmf unblock_media unsilence_media",
  rtpproxy:
    "rtpproxy_answer rtpproxy_destroy rtpproxy_manage rtpproxy_offer rtpproxy_stop_stream2uac " +
    "rtpproxy_stop_stream2uas rtpproxy_stream2uac rtpproxy_stream2uas set_rtp_proxy_set " +
    "start_recording unforce_rtp_proxy",
  sanity: "sanity_check sanity_reply",
  sca: "sca_call_info_update sca_handle_subscribe",
  sdpops:
    "sdp_content sdp_get sdp_get_address_family sdp_get_line_startswith sdp_keep_codecs_by_id " +
    "sdp_keep_codecs_by_name sdp_print sdp_remove_codecs_by_id sdp_remove_codecs_by_name " +
    "sdp_remove_line_by_prefix sdp_remove_media sdp_remove_transport sdp_transport " +
    "sdp_with_active_media sdp_with_codecs_by_id sdp_with_codecs_by_name sdp_with_ice " +
    "sdp_with_media sdp_with_transport sdp_with_transport_like",
  seas: "as_relay_t",
  secfilter:
    "secf_check_contact_hdr secf_check_from_hdr secf_check_ip secf_check_sqli_all " +
    "secf_check_to_hdr secf_check_ua",
  sipcapture: "float2int report_capture sip_capture sip_capture_forward",
  sipdump: "sipdump_send",
  sipjson: "",
  sipt: "sipt_destination sipt_forwarding sipt_has_isup_body sipt_set_bci_1 sipt_set_calling",
  siptrace: "hlog sip_trace sip_trace_mode",
  siputils:
    "add_uri_param append_rpid_hf cmp_aor cmp_hdr_name cmp_uri contact_param_decode " +
    "contact_param_encode contact_param_rm decode_contact decode_contact_header " +
    "encode_contact get_uri_param has_totag hdr_date_check is_alphanum is_alphanumex is_e164 " +
    "is_first_hop is_gruu is_numeric is_reply is_request is_rpid_user_e164 is_supported " +
    "is_tel_number is_uri is_uri_user_e164 is_user options_reply set_uri_host set_uri_user " +
    "sip_p_charging_vector tel2sip uri_param_any uri_param_rm",
  sl: "send_reply send_reply_mode sl_forward_reply sl_reply_error sl_send_reply",
  slack: "slack_send",
  sms: "sms_send_msg sms_send_msg_to_net",
  smsops: "isRPDATA smsdump",
  speeddial: "sd_lookup",
  sqlops: "sql_pvquery sql_query sql_query_async sql_result_free sql_xquery",
  ss7ops: "",
  sst: "sstCheckMin",
  statistics: "reset_stat update_stat",
  statsc: "",
  statsd:
    "statsd_decr statsd_gauge statsd_histogram statsd_incr statsd_set statsd_start " +
    "statsd_stop",
  stun: "",
  tcpops:
    "tcp_close_connection tcp_conid_alive tcp_conid_state tcp_enable_closed_event " +
    "tcp_get_conid tcp_keepalive_disable tcp_keepalive_enable tcp_set_connection_lifetime " +
    "tcp_set_otcpid tcp_set_otcpid_flag",
  textops:
    "append_body_part append_body_part_hex append_hf append_time append_time_to_request " +
    "append_to_reply append_urihf cmp_istr cmp_str ends_with filter_body get_body_part " +
    "get_body_part_raw has_body in_list in_list_prefix insert_hf is_audio_on_hold is_method " +
    "is_present_hf is_present_hf_pv is_present_hf_re is_present_hf_re_pv is_privacy " +
    "regex_substring remove_body_part remove_hf remove_hf_exp remove_hf_exp_pv remove_hf_idx " +
    "remove_hf_match remove_hf_pv remove_hf_re remove_hf_re_pv replace replace_all " +
    "replace_body replace_body_all replace_body_atonce replace_body_str replace_hdrs " +
    "replace_hdrs_str replace_str search search_append search_append_body search_body " +
    "search_hf search_str set_body set_body_multipart set_reply_body starts_with str_find " +
    "str_ifind subst subst_body subst_hf subst_uri subst_user",
  textopsx:
    "append_hf_value assign_hf_value assign_hf_value2 bl_iterator_append bl_iterator_end " +
    "bl_iterator_insert bl_iterator_next bl_iterator_rm bl_iterator_start change_reply_status " +
    "change_reply_status_code exclude_hf_value fnmatch hf_iterator_append hf_iterator_end " +
    "hf_iterator_insert hf_iterator_next hf_iterator_prev hf_iterator_rm hf_iterator_start " +
    "hf_value_exists include_hf_value insert_hf_value keep_hf msg_apply_changes " +
    "msg_set_buffer remove_body remove_hf_value remove_hf_value2",
  timer: "timer_enable",
  tls: "is_peer_verified tls_set_connect_server_id",
  tm:
    "t_any_replied t_any_timeout t_branch_replied t_branch_timeout t_check_status " +
    "t_check_trans t_clean t_drop_replies t_forward_nonack t_forward_nonack_sctp " +
    "t_forward_nonack_tcp t_forward_nonack_tls t_forward_nonack_udp t_get_status_code " +
    "t_grep_status t_is_canceled t_is_expired t_is_retr_async_reply t_is_set t_load_contacts " +
    "t_lookup_cancel t_lookup_request t_newtran t_next_contact_flow t_next_contacts " +
    "t_on_branch t_on_branch_failure t_on_failure t_on_reply t_relay t_relay_cancel " +
    "t_relay_to t_relay_to_sctp t_relay_to_tcp t_relay_to_tls t_relay_to_udp t_release " +
    "t_replicate t_reply t_reset_fr t_reset_max_lifetime t_reset_retr t_retransmit_reply " +
    "t_save_lumps t_send_reply t_set_auto_inv_100 t_set_disable_6xx t_set_disable_failover " +
    "t_set_disable_internal_reply t_set_fr t_set_max_lifetime t_set_no_e2e_cancel_reason " +
    "t_set_retr t_uac_send t_use_uac_headers",
  tmrec: "is_leap_year time_period_match tmrec_match",
  tmx:
    "t_cancel_branches t_cancel_callid t_continue t_drop t_flush_flags t_flush_xflags " +
    "t_is_branch_route t_is_failure_route t_is_reply_route t_is_request_route " +
    "t_precheck_trans t_reply_callid t_reuse_branch t_suspend",
  topoh: "",
  topos: "tps_set_context",
  tsilo: "ts_append ts_append_by_contact ts_append_to ts_store",
  uac:
    "uac_auth uac_auth_mode uac_reg_disable uac_reg_enable uac_reg_lookup uac_reg_lookup_uri " +
    "uac_reg_refresh uac_reg_request_to uac_reg_status uac_replace_from uac_replace_to " +
    "uac_req_send uac_restore_from uac_restore_to",
  uac_redirect: "get_redirects set_accept_filter set_deny_filter",
  uid_auth_db: "proxy_authorize www_authorize",
  uid_avp_db:
    "load_attrs load_extra_attrs lock_extra_attrs remove_extra_attrs save_extra_attrs " +
    "unlock_extra_attrs",
  uid_domain: "is_local lookup_domain",
  uid_gflags: "is_ugflag reset_ugflag set_gflag",
  uid_uri_db: "check_from check_to lookup_user",
  uri_db: "check_from check_to check_uri does_uri_exist",
  userblocklist: "check_blocklist",
  usrloc: "",
  utils: "xcap_auth_status",
  uuid: "",
  websocket: "ws_close ws_handle_handshake",
  xcap_client: "",
  xcap_server: "xcaps_del xcaps_get xcaps_put",
  xhttp: "xhttp_reply",
  xhttp_pi: "dispatch_xhttp_pi",
  xhttp_prom:
    "prom_check_uri prom_counter_inc prom_counter_reset prom_dispatch prom_gauge_reset " +
    "prom_gauge_set prom_histogram_observe",
  xhttp_rpc: "dispatch_xhttp_rpc",
  xlog: "xalert xbug xcrit xdbg xdbgl xerr xinfo xlog xlogl xlogm xnotice xwarn",
  xmlops: "",
  xmlrpc: "dispatch_rpc xmlrpc_reply",
  xprint: "shm_xfree xpdbg xplog",
};
